"""What can be deployed or merged, and in which order."""
