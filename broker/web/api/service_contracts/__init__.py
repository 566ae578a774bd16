"""Service contracts: publishing and reading them, and the results of verifying them."""
