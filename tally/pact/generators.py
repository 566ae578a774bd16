"""Generators as V3 and V4 files write them: {"body": {"$.id": {"type": "Uuid"}}, "path": {"type": …}}."""

from typing import Any

from tally.pact.json_fields import as_object, object_at, refuse, required_text
from tally.pact.path_expressions import PathSyntaxError, parse_path

_ONE = frozenset({"method", "path", "status"})
_BY_PATH = frozenset({"body", "content", "contents"})
_BY_NAME = frozenset({"header", "headers", "query", "metadata", "metaData"})


def read_generators(part: dict[str, Any], place: str) -> dict[str, Any]:
    """Return the `generators` of a request, response or message; each is an object that says its type."""
    found = object_at(part, "generators", place)
    place = f"{place}.generators"
    for name in found:
        if name not in _ONE | _BY_PATH | _BY_NAME:
            refuse(f"{place}.{name}", "is not a category of generators: body, header, query, path, metadata")
        category = object_at(found, name, place)
        if name in _ONE:
            _check_single(category, f"{place}.{name}")
        else:
            _check_category(name, category, f"{place}.{name}")
    return found


def _check_single(category: dict[str, Any], place: str) -> None:
    nested = {key: value for key, value in category.items() if key in {"", "$"}}
    for key, generator in (nested or ({"": category} if category else {})).items():
        _check(generator, f'{place}["{key}"]' if nested else place)


def _check_category(name: str, category: dict[str, Any], place: str) -> None:
    for key, generator in category.items():
        if name in _BY_PATH and key.startswith("$"):
            try:
                parse_path(key)
            except PathSyntaxError as error:
                refuse(f'{place}["{key}"]', f"is not a path expression: {error}")
        _check(generator, f'{place}["{key}"]')


def _check(generator: Any, place: str) -> None:
    required_text(as_object(generator, place), "type", place)
