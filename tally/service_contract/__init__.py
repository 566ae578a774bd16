"""Service contracts: OpenAPI and native documents, normalised to operations with JSON Schemas."""
