"""The pacts that a provider has to verify, and results."""
