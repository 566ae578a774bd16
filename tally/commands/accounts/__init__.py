"""Commands for accounts, teams, tokens and trusts."""
