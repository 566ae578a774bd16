"""Query strings with lists of objects, as clients of the matrix send them (reference §8.1)."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from broker.domain import limits
from broker.domain.errors import ValidationError
from tally.values import dataclass

# Some clients leave out the brackets around a sub-key: q[]pacticipant is q[][pacticipant], as Rack reads it
# for the Pact Broker, and both forms add to the same objects.
_KEY = re.compile(
    r"(?P<name>[^\[\]]+)(?:\[(?P<index>\d*)\](?:\[(?P<sub_key>[^\[\]]+)\]|(?P<bare>[^\[\]]+))?)?"
)


@dataclass(frozen=True)
class Query:
    """The parameters of a request; blank values count as absent, except in `lists`."""

    values: Mapping[str, str]
    """`a=1`: the last value of a name."""
    lists: Mapping[str, tuple[str, ...]]
    """`a[]=1&a[]=2`: every value of a name, and `a=1` as well."""
    objects: Mapping[str, tuple[Mapping[str, str], ...]]
    """`a[][x]=1&a[][y]=2&a[][x]=3` is {x: 1, y: 2}, {x: 3}: a sub-key that comes again begins an object."""
    unread: tuple[str, ...] = ()
    """Keys of any other form, such as `a[x]`."""
    blank: frozenset[str] = frozenset()
    """Names of which an object is missing in `objects`, because all of its values are blank."""


def parse(query_string: str, *, blank: bool = False) -> Query:
    """Return what a query string says; with *blank*, values that are blank count everywhere.

    Raises ValidationError for too many parameters.
    """
    if query_string.count("&") >= limits.PARAMETERS:
        raise ValidationError({"query": [f"cannot have more than {limits.PARAMETERS} parameters"]})
    values: dict[str, str] = {}
    lists: dict[str, list[str]] = {}
    objects: dict[str, list[_Element]] = {}
    unread: dict[str, None] = {}
    for key, value in parse_qsl(query_string, keep_blank_values=True):
        match = _KEY.fullmatch(key)
        if match is None:
            unread[key] = None
            continue
        name, index = match.group("name", "index")
        sub_key = match["sub_key"] or match["bare"]
        if sub_key is not None:
            _add(objects.setdefault(name, []), index, sub_key, value)
            continue
        lists.setdefault(name, []).append(value)
        if index is None:
            values[name] = value
    present = {name: [element.present(blank=blank) for element in found] for name, found in objects.items()}
    return Query(
        values={name: value for name, value in values.items() if blank or value.strip()},
        lists={name: tuple(found) for name, found in lists.items()},
        objects={name: tuple(filter(None, found)) for name, found in present.items()},
        unread=tuple(unread),
        blank=frozenset(name for name, found in present.items() if not all(found)),
    )


@dataclass
class _Element:
    index: str
    fields: dict[str, str]

    def present(self, *, blank: bool) -> dict[str, str]:
        return {key: value for key, value in self.fields.items() if blank or value.strip()}


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
