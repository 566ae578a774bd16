"""Who needs whom: pictures and tables of all integrations at once."""
