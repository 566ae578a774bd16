"""Who may do what: accounts, teams, roles, tokens."""
