"""One reporter for each format."""
