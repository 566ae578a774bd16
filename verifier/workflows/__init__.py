"""Workflows executed against services: step by step, over the verifier's transport."""
