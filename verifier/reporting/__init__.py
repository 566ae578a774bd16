"""Reports: one reporter for each format."""
