"""Retention: the facts that a clean-up decides on, and the deletion of rows."""
