"""The commands of a CI pipeline against a broker, one module per resource."""
