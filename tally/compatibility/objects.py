"""What changed in the properties of objects, under open, closed and partially open content models."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tally.compatibility.sides import Side
from tally.compatibility.walk import Difference, Walk
from tally.json_schema.shapes import is_found
from tally.pact.path_expressions import Wildcard

ANY = Wildcard.ANY
_EMPTY: tuple[Any, ...] = (True, {})


def compare_objects(walk: Walk, old: Side, new: Side) -> Iterator[Difference]:
    """Yield the differences of what two schema objects say about properties."""
    yield from _properties(walk, old, new)
    yield from _required(walk, old, new)
    yield from _patterns(walk, old, new)
    for keyword, name in (
        ("additionalProperties", "ADDITIONAL_PROPERTIES"),
        ("unevaluatedProperties", "UNEVALUATED_PROPERTIES"),
    ):
        yield from compare_rest(walk, old, new, keyword, name, ANY)
    yield from _names(walk, old, new)
    yield from _dependent(walk, old, new)


def compare_rest(  # noqa: PLR0913, PLR0917 - a keyword, its name in rules, and where its values are
    walk: Walk, old: Side, new: Side, keyword: str, name: str, step: Any
) -> Iterator[Difference]:
    """Yield the differences of a keyword about what is not declared; without it, everything is allowed."""
    before, after = old.keywords.get(keyword, True), new.keywords.get(keyword, True)
    if before in _EMPTY and after in _EMPTY and before is not False and after is not False:
        return
    if before is False or after is False:
        if before is not after:
            rule = f"{name}_ADDED" if before is False else f"{name}_REMOVED"
            parts = "items" if "tems" in keyword else "properties"
            words = ("allowed", "refused") if before is False else ("refused", "allowed")
            yield walk.note(rule, old, new, keyword, *(f"other {parts} are {word} now" for word in words))
    elif after in _EMPTY:
        details = f"{keyword} is gone, and limits nothing", f"{keyword} limits values now"
        yield walk.note(f"{name}_EXTENDED", old, new, keyword, *details)
    elif before in _EMPTY:
        details = f"{keyword} limits values now", f"{keyword} is gone, and limits nothing"
        yield walk.note(f"{name}_NARROWED", old, new, keyword, *details)
    else:
        yield from walk.inside(old.inner(keyword), new.inner(keyword), step)


def covering(side: Side, name: str) -> Side:
    """Return the schema of a property that is not declared: `true` in an open model, `false` in a closed."""
    for pattern in side.keywords.get("patternProperties", ()):
        if is_found(pattern, name):
            return side.inner("patternProperties", pattern)
    for keyword in ("additionalProperties", "unevaluatedProperties"):
        if side.has(keyword):
            return side.inner(keyword)
    return side.with_schema(schema=True)


def _properties(walk: Walk, old: Side, new: Side) -> Iterator[Difference]:
    before, after = old.keywords.get("properties", {}), new.keywords.get("properties", {})
    for name in (*before, *(name for name in after if name not in before)):
        if name not in after:
            yield from _removed(walk, old, new, name)
        elif name not in before:
            yield from _added(walk, old, new, name)
        else:
            yield from walk.inside(old.inner("properties", name), new.inner("properties", name), name)


def _removed(walk: Walk, old: Side, new: Side, name: str) -> Iterator[Difference]:
    gone, cover = old.inner("properties", name), covering(new, name)
    if cover.schema in _EMPTY and cover.schema is not False:
        rule = "PROPERTY_REMOVED_FROM_OPEN_CONTENT_MODEL"
    elif cover.schema is False:
        is_nothing = gone.schema is False
        kind = "PROPERTY_WITH_FALSE" if is_nothing else "PROPERTY"
        rule = f"{kind}_REMOVED_FROM_CLOSED_CONTENT_MODEL"
    else:
        is_covered = walk.are_compatible(gone, cover)
        how = "IS_COVERED" if is_covered else "NOT_COVERED"
        rule = f"PROPERTY_REMOVED_{how}_BY_PARTIALLY_OPEN_CONTENT_MODEL"
    details = (f'the property "{name}" was {word}' for word in ("removed", "added"))
    found = walk.note(rule, old, new, None, *details, place=(name,))
    yield replace(found, at_old=gone.pointer, only=("properties",), member=name)


def _added(walk: Walk, old: Side, new: Side, name: str) -> Iterator[Difference]:
    come, cover = new.inner("properties", name), covering(old, name)
    is_required = name in new.keywords.get("required", ()) and name not in old.keywords.get("required", ())
    has_default = isinstance(come.schema, dict) and "default" in come.schema
    is_open = cover.schema in _EMPTY and cover.schema is not False
    if not is_open and cover.schema is not False and not (is_required and walk.are_compatible(cover, come)):
        how = "IS_COVERED" if walk.are_compatible(cover, come) else "NOT_COVERED"
        rule = f"PROPERTY_ADDED_{how}_BY_PARTIALLY_OPEN_CONTENT_MODEL"
    elif is_required:
        default = "_WITH_DEFAULT" if has_default else ""
        rule = f"REQUIRED_PROPERTY{default}_ADDED_TO_{'OPEN' if is_open else 'UNOPEN'}_CONTENT_MODEL"
    elif is_open and come.schema in _EMPTY and come.schema is not False:
        rule = "PROPERTY_WITH_EMPTY_SCHEMA_ADDED_TO_OPEN_CONTENT_MODEL"
    else:
        rule = f"OPTIONAL_PROPERTY_ADDED_TO_{'OPEN' if is_open else 'UNOPEN'}_CONTENT_MODEL"
    kind = "required property" if is_required else "property"
    details = (f'the {kind} "{name}" was {word}' for word in ("added", "removed"))
    found = walk.note(rule, old, new, None, *details, place=(name,))
    only = ("properties", "required") if is_required else ("properties",)
    yield replace(found, at_new=come.pointer, only=only, member=name)


def _required(walk: Walk, old: Side, new: Side) -> Iterator[Difference]:
    before, after = old.keywords.get("required", ()), new.keywords.get("required", ())
    known, declared = old.keywords.get("properties", {}), new.keywords.get("properties", {})
    for name in after:
        if name not in before and (name in known or name not in declared):
            schema = declared.get(name)
            has_default = isinstance(schema, dict) and "default" in schema
            rule = f"REQUIRED_ATTRIBUTE{'_WITH_DEFAULT' if has_default else ''}_ADDED"
            found = walk.note(rule, old, new, "required", *_requirement(name), place=(name,))
            yield replace(found, member=name)
    for name in before:
        if name not in after:
            details = _requirement(name)[::-1]
            found = walk.note("REQUIRED_ATTRIBUTE_REMOVED", old, new, "required", *details, place=(name,))
            yield replace(found, member=name)


def _requirement(name: str) -> tuple[str, str]:
    return f'"{name}" is required now', f'"{name}" is not required any more'


def _patterns(walk: Walk, old: Side, new: Side) -> Iterator[Difference]:
    before, after = old.keywords.get("patternProperties", {}), new.keywords.get("patternProperties", {})
    for pattern in (*before, *(pattern for pattern in after if pattern not in before)):
        if pattern in before and pattern in after:
            sides = old.inner("patternProperties", pattern), new.inner("patternProperties", pattern)
            yield from walk.inside(*sides, ANY)
            continue
        is_added = pattern in after
        other = old if is_added else new
        is_closed = other.keywords.get("additionalProperties", True) is False
        rule = (
            f"PATTERN_PROPERTY_{'ADDED_TO' if is_added else 'REMOVED_FROM'}"
            f"_{'CLOSED' if is_closed else 'OPEN'}_CONTENT_MODEL"
        )
        details = (f'properties that match "{pattern}" have {what}' for what in appearance(is_added=is_added))
        yield walk.note(rule, old, new, "patternProperties", *details)


def _names(walk: Walk, old: Side, new: Side) -> Iterator[Difference]:
    before, after = old.has("propertyNames"), new.has("propertyNames")
    if before and after:
        for difference in walk.compare(old.inner("propertyNames"), new.inner("propertyNames")):
            yield replace(difference, is_judged=False)  # names are no part of a value that can be put there
    elif before or after:
        rule = "PROPERTY_NAMES_ADDED" if after else "PROPERTY_NAMES_REMOVED"
        details = (f"the names of properties have {what}" for what in appearance(is_added=after))
        yield walk.note(rule, old, new, "propertyNames", *details)


def appearance(*, is_added: bool) -> tuple[str, str]:
    """Return the words for what appeared, or is gone, and those for the other way round."""
    words = "a schema now", "no schema any more"
    return words if is_added else words[::-1]


def _dependent(walk: Walk, old: Side, new: Side) -> Iterator[Difference]:
    before, after = old.keywords.get("dependentRequired", {}), new.keywords.get("dependentRequired", {})
    for name in (*before, *(name for name in after if name not in before)):
        one, other = set(before.get(name, ())), set(after.get(name, ()))
        if one == other:
            continue
        how = "CHANGED"
        if name not in after or name not in before:
            how = "REMOVED" if name not in after else "ADDED"
        elif one < other or other < one:
            how = "EXTENDED" if one < other else "NARROWED"
        detail = f'what "{name}" needs beside it changed: {", ".join(sorted(one ^ other))}'
        yield walk.note(f"DEPENDENCY_ARRAY_{how}", old, new, "dependentRequired", detail)
    before, after = old.keywords.get("dependentSchemas", {}), new.keywords.get("dependentSchemas", {})
    for name in (*before, *(name for name in after if name not in before)):
        if name in before and name in after:
            yield from walk.inside(old.inner("dependentSchemas", name), new.inner("dependentSchemas", name))
        else:
            rule = f"DEPENDENCY_SCHEMA_{'ADDED' if name in after else 'REMOVED'}"
            yield walk.note(
                rule, old, new, "dependentSchemas", f'what else holds when "{name}" is there changed'
            )
