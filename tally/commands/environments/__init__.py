"""Environments, and what is deployed or released there."""
