"""Single changes: a writer's schema with one change of the reader's, and a reader's without some."""

from collections.abc import Mapping, Sequence
from typing import Any

from tally.compatibility.closing import is_closable
from tally.compatibility.sides import Side
from tally.compatibility.walk import Difference
from tally.json_schema.pointers import DEFINITIONS
from tally.json_schema.schema import Schema, map_subschemas

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
    if isinstance(reference, str) and reference.startswith(DEFINITIONS):
        found["$ref"] = f"{DEFINITIONS}{_READERS}{reference.removeprefix(DEFINITIONS)}"
    return found


def forgiven(reader: Side, differences: Sequence[Difference], partners: Mapping[int, set[int]]) -> Schema:
    """Return what is read without what is said about properties that only one side declares.

    Only beside what declares some properties and says nothing of others. *partners* says with which schemas
    of the writer, by their ids, those of the reader were compared: what is compared with several stays as it
    is, as what one of them does not declare, another may.
    """
    changes: dict[int, list[Difference]] = {}
    for difference in differences:
        if is_closable(difference.old.keywords) and len(partners.get(id(difference.new.schema), ())) == 1:
            changes.setdefault(id(difference.new.schema), []).append(difference)
    if not changes:
        return reader.alone()

    def rewritten(schema: Any) -> Any:
        if not isinstance(schema, dict):
            return schema
        found = map_subschemas(schema, rewritten)
        for difference in changes.get(id(schema), ()):
            _forgive(found, difference)
        return found

    found: Schema = rewritten(reader.schema)
    needed = {name: rewritten(each) for name, each in reader.home.needed_by(reader.schema).items()}
    return {**found, "$defs": needed} if needed and isinstance(found, dict) else found


def _forgive(schema: dict[str, Any], difference: Difference) -> None:
    name = difference.member
    if name is None:
        for keyword in difference.only:
            schema.pop(keyword, None)
        return
    schema["properties"] = {**schema.get("properties", {}), name: True}
    if "required" in difference.only and "required" in schema:
        schema["required"] = [each for each in schema["required"] if each != name]
