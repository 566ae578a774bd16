"""Values that say less than another one, to find the smallest that still does what it does."""

from collections.abc import Iterator
from typing import Any

_MOST_ITEMS = 8


def smaller_values(value: Any) -> Iterator[Any]:
    """Yield values that differ from *value* in one place and are simpler there, the simplest first."""
    if isinstance(value, dict):
        yield from ({name: item for name, item in value.items() if name != gone} for gone in value)
        for name, item in value.items():
            yield from ({**value, name: other} for other in smaller_values(item))
    elif isinstance(value, list):
        yield from _shorter_lists(value)
        for index, item in enumerate(value[:_MOST_ITEMS]):
            yield from ([*value[:index], other, *value[index + 1 :]] for other in smaller_values(item))
    elif isinstance(value, str):
        yield from _shorter_texts(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _smaller_numbers(value)


def _shorter_lists(items: list[Any]) -> Iterator[list[Any]]:
    half = len(items) // 2
    for shorter in ([], items[:half], items[half:], items[:-1], items[1:]):
        if len(shorter) < len(items):
            yield shorter


def _shorter_texts(text: str) -> Iterator[str]:
    half = len(text) // 2
    beyond = "".join(letter for letter in text if not letter.isascii())
    for shorter in ("", text[:1], beyond[:1], text[:half], text[half:], text[:-1], "a" * len(text)):
        if len(shorter) < len(text) or (shorter != text and shorter == "a" * len(text) and text != shorter):
            yield shorter


def _smaller_numbers(number: float) -> Iterator[float]:
    if isinstance(number, float) and not number.is_integer():
        yield int(number)
    whole = int(number)
    step = 1 if whole > 0 else -1
    for other in (0, 1, whole // 2 if whole > 0 else -(-whole // 2), whole - step):
        if abs(other) < abs(number):
            yield other
