"""Pages of webhooks and of their secrets."""
