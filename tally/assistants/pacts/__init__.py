"""Pacts: which one is asked about, how it changed, and the provider states that it wants."""
