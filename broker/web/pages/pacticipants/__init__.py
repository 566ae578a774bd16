"""Pages of applications and their versions."""
