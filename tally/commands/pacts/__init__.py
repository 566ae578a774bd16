"""Publishing pacts, and reading them back."""
