"""Pages and pictures of who needs whom."""
