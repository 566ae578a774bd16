"""The Rust verifier of pact-python, for interactions that need a plugin, and to compare with."""
