"""Backups: made while the broker runs, restored where nothing is, and verified."""
