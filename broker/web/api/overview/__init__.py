"""What many things have in common at a glance: front page, dashboard, counts."""
