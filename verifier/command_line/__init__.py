"""The command line of `tally verify`."""
