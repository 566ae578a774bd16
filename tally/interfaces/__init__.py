"""Contracts from Python: of an application that describes itself, and of a class with type hints."""
