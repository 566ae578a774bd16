"""Counting results, judging gates, and the page of the insights."""
