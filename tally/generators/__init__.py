"""Generators of the Pact specification: values in place of the contract's examples."""
