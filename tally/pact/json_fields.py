"""Read typed values out of JSON; what does not fit is an InvalidContractError that names its place."""

from collections.abc import Iterator
from typing import Any, NoReturn

from tally.errors import InvalidContractError

_MISSING = object()
_NAMES = {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "null"}


def kind_of(value: object) -> str:
    """Return what a JSON value is, in words: "an object", "a number"."""
    return _NAMES.get(type(value), "a number")


def refuse(place: str, problem: str) -> NoReturn:
    """Raise the InvalidContractError for *place*, such as "interactions[0].request.method"."""
    raise InvalidContractError(f"{place or 'the document'}: {problem}")


def object_at(parent: dict[str, Any], key: str, place: str) -> dict[str, Any]:
    """Return the object under *key*; a missing or null one is empty, and so is [], as PHP writes it."""
    value = parent.get(key)
    return {} if value in (None, []) else as_object(value, f"{place}.{key}".lstrip("."))


def required_object(parent: dict[str, Any], key: str, place: str) -> dict[str, Any]:
    """Return the object under *key*, which must be there."""
    return as_object(parent.get(key, _MISSING), f"{place}.{key}".lstrip("."))


def required_text(parent: dict[str, Any], key: str, place: str) -> str:
    """Return the string under *key*, which must be there."""
    value = parent.get(key, _MISSING)
    return value if isinstance(value, str) else _expected("a string", value, f"{place}.{key}".lstrip("."))


def optional_text(parent: dict[str, Any], key: str, place: str) -> str | None:
    """Return the string under *key*, or None when it is missing or null."""
    return None if parent.get(key) is None else required_text(parent, key, place)


def objects_at(parent: dict[str, Any], key: str, place: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield each object of the list under *key* with its place; a missing or null list has none."""
    value = parent.get(key)
    for index, item in enumerate([] if value is None else as_list(value, f"{place}.{key}".lstrip("."))):
        item_place = f"{place}.{key}[{index}]".lstrip(".")
        yield as_object(item, item_place), item_place


def as_object(value: object, place: str) -> dict[str, Any]:
    """Return *value* when it is an object."""
    return value if isinstance(value, dict) else _expected("an object", value, place)


def as_list(value: object, place: str) -> list[Any]:
    """Return *value* when it is a list."""
    return value if isinstance(value, list) else _expected("a list", value, place)


def _expected(wanted: str, value: object, place: str) -> NoReturn:
    found = "it is missing" if value is _MISSING else f"it is {kind_of(value)}"
    refuse(place, f"expected {wanted}, but {found}")
