"""Pacts: publishing, reading, listing and comparing them."""
