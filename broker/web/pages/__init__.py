"""HTML over the same services."""
