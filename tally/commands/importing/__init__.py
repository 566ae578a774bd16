"""Copying from a Pact Broker."""
