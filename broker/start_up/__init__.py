"""What has to be right before the broker starts, and when its settings change while it runs."""
