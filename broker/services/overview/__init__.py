"""Summaries of many resources: the overview, counts."""
