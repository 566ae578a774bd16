"""Webhooks and their secrets."""
