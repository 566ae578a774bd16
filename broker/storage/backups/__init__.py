"""Backups: files with everything that a database has, and what has to be right about them."""
