"""Searching, and keeping the index."""
