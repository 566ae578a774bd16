"""Whether a version of a service contract, or of a JSON Schema, can take the place of an older one."""
