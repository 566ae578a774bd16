"""Matchers of numbers, booleans and null."""

from decimal import Decimal

from consumer_sdk.errors import DeclarationError
from consumer_sdk.match.matcher import Matcher, checked


def integer(example: int) -> Matcher[int]:
    """Accept a number without a fraction."""
    return checked("integer", Matcher("integer", example))


def decimal(example: float | Decimal) -> Matcher[float | Decimal]:
    """Accept a number with a fraction: 4.5, but not 4."""
    if isinstance(example, int):
        raise DeclarationError(f"decimal: the example {example!r} has no fraction; did you mean number?")
    return _number("decimal", example)


def number(example: float | Decimal) -> Matcher[float | Decimal]:
    """Accept any number."""
    return _number("number", example)


def _number(rule: str, example: float | Decimal) -> Matcher[float | Decimal]:
    if not isinstance(example, Decimal):
        return checked(rule, Matcher(rule, example))
    return Matcher(rule, example)


def boolean(example: bool) -> Matcher[bool]:  # noqa: FBT001 - the example is the only argument
    """Accept true and false."""
    if not isinstance(example, bool):
        raise DeclarationError(f"boolean: the example {example!r} is not True or False.")
    return Matcher("boolean", example)


def null() -> Matcher[None]:
    """Accept null alone; ``match.like(7) | match.null()`` accepts a number or null."""
    return Matcher("null", None)
