"""The only Flask."""
