"""Requests made from the schemas of a service contract: valid ones, invalid ones, and chains of them."""
