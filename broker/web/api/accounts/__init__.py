"""Accounts, teams, tokens and trusts."""
