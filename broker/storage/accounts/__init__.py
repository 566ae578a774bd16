"""Accounts, teams, tokens and sessions."""
