"""What pages and the dashboard show of many things at once, and counts."""
