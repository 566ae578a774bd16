"""The replay of cases: one at a time or at the same time, once or repeatedly."""
