"""JSON Schema 2020-12: validating values, comparing schemas, making values. Nothing here knows a contract."""
