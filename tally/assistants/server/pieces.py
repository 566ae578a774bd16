"""Documents in pages: whole where they are short, else in pieces, each with the place that it is from."""

import json
from collections.abc import Iterator
from typing import Any

from tally.assistants.fitting import units, visible
from tally.json_schema.pointers import pointer

_LONGEST_PAGE, _LONGEST_PIECE, _LONGEST_TEXT = 15_000, 5_000, 3_000
"""In characters: what is around a page, and characters that are written longer, have to fit beside it."""


def pages_of(document: Any) -> list[Any]:
    """Return the document itself, or lists of its pieces: `at` is a JSON pointer, `value` what is there.

    A long text is several pieces of the same place, with the number of each as `part`.
    """
    if _size(document) <= _LONGEST_PAGE:
        return [document]
    pages: list[list[Any]] = [[]]
    size = 0
    for piece in _pieces(document, ()):
        own = _size(piece)
        if pages[-1] and size + own > _LONGEST_PAGE:
            pages.append([])
            size = 0
        pages[-1].append(piece)
        size += own
    return pages


def _pieces(value: Any, place: tuple[str | int, ...]) -> Iterator[dict[str, Any]]:
    piece = {"at": pointer(place), "value": value}
    if isinstance(value, dict | list) and value and _size(value) > _LONGEST_PIECE:
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _pieces(item, (*place, key))
    elif isinstance(value, str) and _size(value) > _LONGEST_PIECE:
        for number, start in enumerate(range(0, len(value), _LONGEST_TEXT), 1):
            yield {**piece, "part": number, "value": value[start : start + _LONGEST_TEXT]}
    else:
        yield piece


def _size(value: Any) -> int:
    return units(visible(json.dumps(value, ensure_ascii=False, separators=(",", ":"))))
