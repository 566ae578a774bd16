"""Whether what the consumer's code sends is what the test declares, and the answer that it gets."""
