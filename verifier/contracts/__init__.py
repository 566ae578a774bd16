"""Contracts that are verified, and the cases that each is turned into."""
