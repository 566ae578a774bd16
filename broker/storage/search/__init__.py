"""The index of the search: what is in it, what waits for it, and reading it."""
