"""Commands for quality gates."""
