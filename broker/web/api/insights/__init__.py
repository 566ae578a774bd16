"""The API of quality gates."""
