"""Pages of accounts: log-in, log-out, sessions."""
