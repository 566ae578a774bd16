"""Whether one version of a service contract may take the place of another, and who uses what changed."""
