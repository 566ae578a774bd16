"""Service contracts: which one is asked about, and whether a pact fits it."""
