"""Pages of decisions, of the matrix, and badges."""
