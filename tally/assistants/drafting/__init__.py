"""Drafts of consumer tests: from an operation, a HAR entry or a pact, for Python, JavaScript and Java."""
