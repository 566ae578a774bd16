"""Whether versions can be deployed, in which order, and what stands in the way."""
