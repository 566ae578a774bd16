"""What many things have in common at a glance: how integrations stand, counts."""
