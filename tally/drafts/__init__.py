"""Drafts of pacts, from exchanges that were seen: what is secret is taken out, what varies gets a rule."""
