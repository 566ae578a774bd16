"""The processes of a broker: which run, until when, and what the first tells the others."""
