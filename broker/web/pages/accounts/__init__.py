"""Pages of accounts: log-in and sessions, tokens, teams with all that is theirs, people, and trusts."""
