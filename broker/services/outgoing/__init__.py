"""Requests to servers that are not trusted: receivers of webhooks, and issuers of id tokens."""
