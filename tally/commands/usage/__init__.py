"""Asking who uses what."""
