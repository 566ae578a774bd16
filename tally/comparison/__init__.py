"""A pact against service contracts, without running anything: what the provider may, and must, answer."""
