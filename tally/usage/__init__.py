"""Who uses what: the places of a service contract that a consumer's contract touches."""
