"""What changed in keywords that contain no schemas."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from tally.compatibility.sides import Side
from tally.compatibility.walk import Difference, Walk, json_text, shown
from tally.json_schema.facts import types_of

_LIMITS = {
    "maxLength": ("MAX_LENGTH", "string"),
    "minLength": ("MIN_LENGTH", "string"),
    "maximum": ("MAXIMUM", "number"),
    "exclusiveMaximum": ("EXCLUSIVE_MAXIMUM", "number"),
    "minimum": ("MINIMUM", "number"),
    "exclusiveMinimum": ("EXCLUSIVE_MINIMUM", "number"),
    "maxItems": ("MAX_ITEMS", "array"),
    "minItems": ("MIN_ITEMS", "array"),
    "maxContains": ("MAX_CONTAINS", "array"),
    "minContains": ("MIN_CONTAINS", "array"),
    "maxProperties": ("MAX_PROPERTIES", "object"),
    "minProperties": ("MIN_PROPERTIES", "object"),
}
_TEXTS = {
    "pattern": "PATTERN",
    "format": "FORMAT",
    "contentEncoding": "CONTENT_ENCODING",
    "contentMediaType": "CONTENT_MEDIA_TYPE",
}
_ANNOTATIONS = {
    "title": "TITLE_CHANGED",
    "description": "DESCRIPTION_CHANGED",
    "default": "DEFAULT_CHANGED",
    "deprecated": "DEPRECATED_CHANGED",
    "readOnly": "READ_ONLY_CHANGED",
    "writeOnly": "WRITE_ONLY_CHANGED",
}


def compare_keywords(walk: Walk, old: Side, new: Side) -> Iterator[Difference]:
    """Yield the differences of two schema objects, without those of the schemas in them."""
    yield from _annotations(walk, old, new)
    yield from _types(walk, old, new)
    yield from _values(walk, old, new)
    for keyword, (name, _) in _LIMITS.items():
        yield from _limit(walk, old, new, keyword, name)
    for keyword, name in _TEXTS.items():
        yield from _text(walk, old, new, keyword, name)
    yield from _multiple_of(walk, old, new)
    yield from _unique_items(walk, old, new)
    yield from _discriminator(walk, old, new)


def _annotations(walk: Walk, old: Side, new: Side) -> Iterator[Difference]:
    for keyword, rule in _ANNOTATIONS.items():
        before, after = old.keywords.get(keyword), new.keywords.get(keyword)
        if json_text(before) != json_text(after):
            yield walk.note(rule, old, new, keyword, *_changes(keyword, before, after))


def _types(walk: Walk, old: Side, new: Side) -> Iterator[Difference]:
    if not old.has("type") and not new.has("type"):
        return
    before, after = types_of(old.keywords), types_of(new.keywords)
    if before == after:
        return
    rule = "TYPE_EXTENDED" if before < after else "TYPE_NARROWED" if after < before else "TYPE_CHANGED"
    names = _named(old), _named(new)
    details = (f"the type was {one} and is {other}" for one, other in (names, names[::-1]))
    yield walk.note(rule, old, new, "type", *details)


def _named(side: Side) -> str:
    said = side.keywords.get("type")
    if said is None:
        return "any"
    return said if isinstance(said, str) else " or ".join(said)


def _values(walk: Walk, old: Side, new: Side) -> Iterator[Difference]:
    before, after = _listed(old), _listed(new)
    if before is None and after is None:
        return
    keyword = "enum" if old.has("enum") or new.has("enum") else "const"
    gone = (
        {}
        if before is None or after is None
        else {text: before[text] for text in before.keys() - after.keys()}
    )
    come = (
        {}
        if before is None or after is None
        else {text: after[text] for text in after.keys() - before.keys()}
    )
    less = (
        f"{_some(gone)} is not allowed any more" if gone else "values are listed now, and no others allowed"
    )
    more = f"{_some(come)} is allowed as well" if come else "values are not listed any more"
    if before is None or (gone and not come):
        back = f"{_some(gone)} is allowed as well" if gone else "values are not listed any more"
        yield walk.note("ENUM_ARRAY_NARROWED", old, new, keyword, less, back)
    elif after is None or (come and not gone):
        back = (
            f"{_some(come)} is not allowed any more"
            if come
            else "values are listed now, and no others allowed"
        )
        yield walk.note("ENUM_ARRAY_EXTENDED", old, new, keyword, more, back)
    elif gone:
        details = (
            f"{_some(a)} is not allowed any more, but {_some(b)} is" for a, b in ((gone, come), (come, gone))
        )
        yield walk.note("ENUM_ARRAY_CHANGED", old, new, keyword, *details)


def _listed(side: Side) -> dict[str, Any] | None:
    """Return the values that are allowed by their texts, or None where they are not listed."""
    found = {json_text(value): value for value in side.keywords["enum"]} if side.has("enum") else None
    if not side.has("const"):
        return found
    text = json_text(side.keywords["const"])
    return {text: side.keywords["const"]} if found is None or text in found else {}


def _some(values: dict[str, Any]) -> str:
    listed = sorted(values)
    more = f" and {len(listed) - 3} more" if len(listed) > 3 else ""  # noqa: PLR2004 - as many as fit into a line
    return ", ".join(shown(values[text]) for text in listed[:3]) + more


def _limit(walk: Walk, old: Side, new: Side, keyword: str, name: str) -> Iterator[Difference]:
    before, after = old.keywords.get(keyword), new.keywords.get(keyword)
    if before == after:
        return
    if before is None or after is None:
        rule = f"{name}_ADDED" if before is None else f"{name}_REMOVED"
    else:
        rule = f"{name}_INCREASED" if after > before else f"{name}_DECREASED"
    yield walk.note(rule, old, new, keyword, *_changes(keyword, before, after))


def _text(walk: Walk, old: Side, new: Side, keyword: str, name: str) -> Iterator[Difference]:
    before, after = old.keywords.get(keyword), new.keywords.get(keyword)
    if before == after:
        return
    rule = f"{name}_ADDED" if before is None else f"{name}_REMOVED" if after is None else f"{name}_CHANGED"
    yield walk.note(rule, old, new, keyword, *_changes(keyword, before, after))


def _multiple_of(walk: Walk, old: Side, new: Side) -> Iterator[Difference]:
    before, after = old.keywords.get("multipleOf"), new.keywords.get("multipleOf")
    if before == after:
        return
    if before is None or after is None:
        rule = "MULTIPLE_OF_ADDED" if before is None else "MULTIPLE_OF_REMOVED"
    elif (Fraction(str(before)) / Fraction(str(after))).denominator == 1:
        rule = "MULTIPLE_OF_REDUCED"
    elif (Fraction(str(after)) / Fraction(str(before))).denominator == 1:
        rule = "MULTIPLE_OF_EXPANDED"
    else:
        rule = "MULTIPLE_OF_CHANGED"
    yield walk.note(rule, old, new, "multipleOf", *_changes("multipleOf", before, after))


def _unique_items(walk: Walk, old: Side, new: Side) -> Iterator[Difference]:
    before, after = (side.keywords.get("uniqueItems") is True for side in (old, new))
    if before != after:
        rule = "UNIQUE_ITEMS_ADDED" if after else "UNIQUE_ITEMS_REMOVED"
        words = ("must", "need not") if after else ("need not", "must")
        yield walk.note(rule, old, new, "uniqueItems", *(f"items {word} be distinct now" for word in words))


def _changes(keyword: str, before: object, after: object) -> tuple[str, str]:
    return f"{keyword} {_change(before, after)}", f"{keyword} {_change(after, before)}"


def _change(before: object, after: object) -> str:
    if before is None:
        return f"is {shown(after)} now, and was not there"
    return (
        f"was {shown(before)}, and is gone" if after is None else f"was {shown(before)} and is {shown(after)}"
    )


def _discriminator(walk: Walk, old: Side, new: Side) -> Iterator[Difference]:
    before, after = old.keywords.get("discriminator"), new.keywords.get("discriminator")
    if json_text(before) != json_text(after):
        details = _changes("discriminator", before, after)
        yield walk.note("DISCRIMINATOR_CHANGED", old, new, "discriminator", *details)
