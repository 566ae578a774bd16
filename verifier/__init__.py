"""The verifier: replays contracts against a provider."""
