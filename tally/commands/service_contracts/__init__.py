"""Publishing service contracts."""
