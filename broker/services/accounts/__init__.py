"""What somebody may do, and the accounts, teams and tokens that it follows from."""
