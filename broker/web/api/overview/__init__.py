"""Summaries of many resources: the front page, the dashboard, counts."""
