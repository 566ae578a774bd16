"""The consumer: the part of a web shop that speaks to the orders service."""
