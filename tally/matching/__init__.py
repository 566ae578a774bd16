"""Compare what a contract expects with what was received."""
