"""Chance that is the same each time."""

from random import Random


def seeded(*parts: object) -> Random:
    """Return a source of random numbers that depends on nothing but the texts of *parts*."""
    return Random("/".join(map(str, parts)))  # noqa: S311 - it makes examples, no secrets
