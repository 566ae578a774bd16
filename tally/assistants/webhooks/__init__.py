"""Creating webhooks."""
