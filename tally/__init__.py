"""What the three programs share: the contract model, the broker client and the `tally` command."""
