"""Writing everything that a broker has into a folder."""
