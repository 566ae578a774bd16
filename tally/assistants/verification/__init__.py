"""Verifying a provider that runs on the user's machine."""
