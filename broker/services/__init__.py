"""Use cases: one function is one thing that a user can do."""
