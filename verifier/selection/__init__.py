"""Which interactions are verified: by filters, by the last run, by the part of a shared run."""
