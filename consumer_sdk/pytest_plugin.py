"""Fixtures that record interactions."""
