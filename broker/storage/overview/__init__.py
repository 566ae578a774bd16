"""How integrations stand, what pages show of many things at once, and counts."""
