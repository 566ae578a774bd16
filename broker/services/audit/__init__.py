"""What can be done with the audit log: seal, read, remove what is old."""
