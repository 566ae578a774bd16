"""Query strings with lists of objects, as clients of the matrix send them (reference §8.1)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

_KEY = re.compile(r"(?P<name>[^\[\]]+)(?:\[(?P<index>\d*)\](?:\[(?P<sub_key>[^\[\]]+)\])?)?")


@dataclass(frozen=True)
class Query:
    """The parameters of a request; blank values count as absent, except in `lists`."""

    values: Mapping[str, str]
    """`a=1`: the last value of a name."""
    lists: Mapping[str, tuple[str, ...]]
    """`a[]=1&a[]=2`: every value of a name, and `a=1` as well."""
    objects: Mapping[str, tuple[Mapping[str, str], ...]]
    """`a[][x]=1&a[][y]=2&a[][x]=3` is {x: 1, y: 2}, {x: 3}: a sub-key that comes again begins an object."""


def parse(query_string: str) -> Query:
    """Return what a query string says; keys of any other form are left out."""
    values: dict[str, str] = {}
    lists: dict[str, list[str]] = {}
    objects: dict[str, list[_Element]] = {}
    for key, value in parse_qsl(query_string, keep_blank_values=True):
        match = _KEY.fullmatch(key)
        if match is None:
            continue
        name, index, sub_key = match.group("name", "index", "sub_key")
        if sub_key is not None:
            _add(objects.setdefault(name, []), index, sub_key, value)
            continue
        lists.setdefault(name, []).append(value)
        if index is None:
            values[name] = value
    return Query(
        values={name: value for name, value in values.items() if value.strip()},
        lists={name: tuple(found) for name, found in lists.items()},
        objects={name: tuple(filter(None, map(_present, found))) for name, found in objects.items()},
    )


@dataclass
class _Element:
    index: str
    fields: dict[str, str]


def _add(elements: list[_Element], index: str, key: str, value: str) -> None:
    """Add a value to the element with its number, or else to the last element without such a key."""
    if index:
        same = [element for element in elements if element.index == index]
    else:
        same = [element for element in elements[-1:] if key not in element.fields]
    if not same:
        same = [_Element(index, {})]
        elements.extend(same)
    same[0].fields[key] = value


def _present(element: _Element) -> dict[str, str]:
    return {key: value for key, value in element.fields.items() if value.strip()}
