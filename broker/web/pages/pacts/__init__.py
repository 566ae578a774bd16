"""Pages of pacts, of what changed in them, and of results."""
