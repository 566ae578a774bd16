"""Pages of what results say over time, and of quality gates."""
