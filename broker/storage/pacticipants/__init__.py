"""Applications with their versions, branches, tags and labels, and who has contracts with whom."""
