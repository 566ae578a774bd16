"""Environments, and what is deployed and released to them."""
