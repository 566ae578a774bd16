"""Applications, their versions, tags and branches."""
