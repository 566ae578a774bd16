"""Results of a run, and what is measured in it."""
