"""What bodies contain: as bytes on the wire, as JSON, and XML compared."""
