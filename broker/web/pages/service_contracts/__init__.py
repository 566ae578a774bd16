"""Pages of service contracts, and of what came of comparing them."""
