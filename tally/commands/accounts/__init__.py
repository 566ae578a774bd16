"""Commands about accounts, teams, tokens and trusts."""
