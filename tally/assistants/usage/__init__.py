"""Who uses a place of a service, and whether it may be removed."""
