"""Counters of results by day, the gates, and what the page of the insights reads."""
