"""How requests reach the provider: over HTTP, or by calling its application in this process."""
