"""Which pacts a provider has to verify, and the results."""
