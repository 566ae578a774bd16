"""Runs of pytest: which tests may record into a pact, which of them ran, and what follows at the end.

Imported only by a run that records, so that other suites pay nothing for it.
"""
