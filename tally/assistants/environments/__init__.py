"""What is in which environment, and recording what was deployed or released."""
