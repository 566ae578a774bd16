"""The dashboard of the API: integrations with the heads of their branches, tags and environments."""
