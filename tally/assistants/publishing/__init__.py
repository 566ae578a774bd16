"""Publishing pacts and service contracts: what it would change, and doing it."""
