"""What the tools answer from: a broker, files that the user named, and files that arguments name."""
