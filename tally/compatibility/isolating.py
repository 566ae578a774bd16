"""One change by itself: a writer's schema with nothing but that change of the reader's."""

from typing import Any

from tally.compatibility.sides import Side
from tally.compatibility.walk import Difference
from tally.json_schema.schema import Schema, map_subschemas

_PREFIX = "#/$defs/"
_READERS = "reader:"


def isolated(difference: Difference) -> tuple[Schema, Schema] | None:
    """Return the writer's schema, and the same with the change alone; None when it is not of one keyword."""
    if not difference.only or not all(
        isinstance(each.schema, dict) for each in (difference.old, difference.new)
    ):
        return None
    writer, reader = difference.old, difference.new
    changed = dict(writer.keywords)
    taken: list[Any] = []
    for keyword in difference.only:
        if difference.member is None:
            _take(changed, reader, keyword, taken)
        else:
            _take_member(changed, reader, keyword, difference.member, taken)
    definitions = dict(writer.home.needed_by(writer.schema))
    for schema in taken:
        needed = reader.home.needed_by(schema)
        definitions |= {f"{_READERS}{name}": _renamed(each) for name, each in needed.items()}
    return writer.alone(), {**changed, "$defs": definitions} if definitions else changed


def _take(changed: dict[str, Any], reader: Side, keyword: str, taken: list[Any]) -> None:
    changed.pop(keyword, None)
    if reader.has(keyword):
        changed |= _renamed({keyword: reader.keywords[keyword]})
        taken.append({keyword: reader.keywords[keyword]})


def _take_member(changed: dict[str, Any], reader: Side, keyword: str, member: str, taken: list[Any]) -> None:
    """Take one property, or one name of `required`."""
    there = reader.keywords.get(keyword, ())
    if keyword == "required":
        names = [name for name in changed.get(keyword, ()) if name != member]
        changed[keyword] = [*names, member] if member in there else names
        return
    members = {name: each for name, each in changed.get(keyword, {}).items() if name != member}
    if member in there:
        members[member] = _renamed(there[member])
        taken.append(there[member])
    changed[keyword] = members


def _renamed(schema: Any) -> Any:
    """Return a schema of the reader that refers to the reader's definitions, beside those of the writer."""
    if not isinstance(schema, dict):
        return schema
    found = map_subschemas(schema, _renamed)
    reference = found.get("$ref")
    if isinstance(reference, str) and reference.startswith(_PREFIX):
        found["$ref"] = f"{_PREFIX}{_READERS}{reference.removeprefix(_PREFIX)}"
    return found
