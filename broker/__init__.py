"""The broker: stores contracts and results, and decides what may be deployed."""
