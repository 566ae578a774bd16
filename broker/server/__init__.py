"""One process that answers requests: its connections, its threads, and what a client may hold."""
