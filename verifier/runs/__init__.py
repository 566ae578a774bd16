"""Runs: contracts are loaded, replayed and reported, and results are published."""
