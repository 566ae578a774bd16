"""What an answer shows of the values that were sent, where no schema can say that it is wrong.

Each rule is about a value that only a fault explains, so that a provider may write values in its own way.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from tally.json_schema.branches import Branches
from tally.json_schema.schema import Schema
from tally.json_schema.work import OutOfWorkError, Work
from tally.matching import Mismatch
from tally.pact import Response
from tally.service_contract.model import HttpOperation

_PAGE_SIZES = frozenset(["limit", "pagesize", "perpage", "maxresults", "$top"])
_SIZES_OF_PAGES = frozenset(["size", "count"])
_PAGES = frozenset(["page", "offset", "skip"])
_WRITES = frozenset(["POST", "PUT", "PATCH"])
_BITS = (32, 64)
_STEPS = 200


def lost_values(operation: HttpOperation, value: Mapping[str, Any], actual: Response) -> Iterator[Mismatch]:
    """Yield what is wrong with the answer to a valid request that succeeded, measured by the request."""
    if not 200 <= (actual.status or 0) < 300:  # noqa: PLR2004 - the class of successes
        return
    if operation.method == "GET":
        place, items = _only_list(actual.body.value)
        yield from _too_many(value.get("query", {}), place, items)
        yield from _unfiltered(operation, value.get("query", {}), place, items)
    elif operation.method in _WRITES:
        body = value.get("body")
        yield from _garbled(body.get("value") if body else None, actual.body.value)


def _only_list(body: Any) -> tuple[str, list[Any]]:
    """Return the list of an answer, and where it is; of several, nothing says which one is meant."""
    if isinstance(body, list):
        return "$", body
    lists = (
        [(f"$.{name}", item) for name, item in body.items() if isinstance(item, list)]
        if isinstance(body, dict)
        else []
    )
    return lists[0] if len(lists) == 1 else ("$", [])


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def _too_many(query: Mapping[str, Any], place: str, items: list[Any]) -> Iterator[Mismatch]:
    """A page has no more items than were asked for."""
    names = {_plain(name): number for name, number in query.items()}
    sizes = _PAGE_SIZES | (_SIZES_OF_PAGES if names.keys() & _PAGES else frozenset())
    asked = [number for name, number in names.items() if name in sizes and type(number) is int]
    if asked and 0 <= asked[0] < len(items):
        message = f"asked for at most {asked[0]} items, got {len(items)}"
        yield Mismatch("body", place, f"at most {asked[0]} items", len(items), message)


def _unfiltered(
    operation: HttpOperation, query: Mapping[str, Any], place: str, items: list[Any]
) -> Iterator[Mismatch]:
    """Items that are asked for by one value of an enumeration do not have another one."""
    for parameter in operation.parameters:
        asked = query.get(parameter.name)
        if parameter.location != "query" or not isinstance(asked, str) or not items:
            continue
        listed = _enumeration(parameter.schema)
        others = [
            item[parameter.name]
            for item in items
            if isinstance(item, dict)
            and item.get(parameter.name, asked) != asked
            and item[parameter.name] in listed
        ]
        if others:
            message = f"asked for items whose {parameter.name} is {asked!r}, got one with {others[0]!r}"
            yield Mismatch("body", f"{place}[*].{parameter.name}", asked, others[0], message)


def _enumeration(schema: Schema) -> list[Any]:
    """Return the values that a schema lists, whatever the branch; none when a branch lists none."""
    with suppress(OutOfWorkError):
        shapes = [each for each in Branches(schema, Work(_STEPS)).of(schema) if each.types != ("null",)]
        if all(each.values is not None for each in shapes):
            return [value for each in shapes for value in each.values or ()]
    return []


def _garbled(sent: Any, received: Any) -> Iterator[Mismatch]:
    """Texts beyond ASCII come back with their letters, and large integers with their digits."""
    if not isinstance(sent, dict) or not isinstance(received, dict):
        return
    for name, item in sent.items():
        back = received.get(name)
        if isinstance(item, str) and isinstance(back, str) and back != item and back in _spoilt(item):
            yield Mismatch("body", f"$.{name}", item, back, f"{name} lost letters beyond ASCII")
        elif type(item) is int and type(back) in {int, float} and back != item and back in _wrapped(item):
            yield Mismatch("body", f"$.{name}", item, back, f"{name} lost digits of a large integer")


def _spoilt(text: str) -> set[str]:
    """Return what faults make of a text that is not ASCII."""
    if text.isascii():
        return set()
    written = text.encode(errors="surrogatepass")
    found = {text.encode("ascii", "replace").decode(), text.encode("ascii", "ignore").decode()}
    found |= {text.encode("latin-1", how).decode("latin-1") for how in ("replace", "ignore")}
    return found | {written.decode(coding, "replace") for coding in ("latin-1", "cp1252", "ascii")}


def _wrapped(number: int) -> set[float]:
    """Return what faults make of an integer that does not fit."""
    if abs(number) < 2**31 - 1:
        return set()
    found: set[float] = {int(float(number))} if abs(number) < 2**200 else set()
    for bits in _BITS:
        rest = number % 2**bits
        found |= {rest, rest - 2**bits, 2 ** (bits - 1) - 1, -(2 ** (bits - 1))}
    return found
