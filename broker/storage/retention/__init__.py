"""Retention: what a clean-up keeps and deletes."""
