"""What changed in the items of arrays."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tally.compatibility.objects import appearance, compare_rest
from tally.compatibility.sides import Side
from tally.compatibility.walk import Difference, Walk
from tally.pact.path_expressions import Wildcard

_EACH = Wildcard.ANY_INDEX


def compare_arrays(walk: Walk, old: Side, new: Side) -> Iterator[Difference]:
    """Yield the differences of what two schema objects say about items."""
    before, after = len(old.keywords.get("prefixItems", ())), len(new.keywords.get("prefixItems", ()))
    for index in range(max(before, after)):
        if index < before and index < after:
            yield from walk.inside(old.inner("prefixItems", index), new.inner("prefixItems", index), index)
        elif index < before:
            yield _removed(walk, old, new, index)
        else:
            yield _added(walk, old, new, index)
    if before or after:
        yield from compare_rest(walk, old, new, "items", "ADDITIONAL_ITEMS", _EACH)
    else:
        yield from _items(walk, old, new)
    yield from compare_rest(walk, old, new, "unevaluatedItems", "UNEVALUATED_ITEMS", _EACH)
    yield from _contains(walk, old, new)


def _items(walk: Walk, old: Side, new: Side) -> Iterator[Difference]:
    if old.has("items") and new.has("items"):
        yield from walk.inside(old.inner("items"), new.inner("items"), _EACH)
    elif old.has("items") or new.has("items"):
        rule = "SCHEMA_ADDED" if new.has("items") else "SCHEMA_REMOVED"
        details = (f"items have {what}" for what in appearance(is_added=new.has("items")))
        yield walk.note(rule, old, new, "items", *details, place=(_EACH,))


def _cover(side: Side) -> Side:
    for keyword in ("items", "unevaluatedItems"):
        if side.has(keyword):
            return side.inner(keyword)
    return side.with_schema(schema=True)


def _removed(walk: Walk, old: Side, new: Side, index: int) -> Difference:
    gone, cover = old.inner("prefixItems", index), _cover(new)
    if cover.schema is False:
        kind = "ITEM_WITH_FALSE" if gone.schema is False else "ITEM"
        rule = f"{kind}_REMOVED_FROM_CLOSED_CONTENT_MODEL"
    elif _is_anything(cover.schema):
        rule = "ITEM_REMOVED_FROM_OPEN_CONTENT_MODEL"
    else:
        how = "IS_COVERED" if walk.are_compatible(gone, cover) else "NOT_COVERED"
        rule = f"ITEM_REMOVED_{how}_BY_PARTIALLY_OPEN_CONTENT_MODEL"
    details = (f"item {index} has {what}" for what in appearance(is_added=False))
    found = walk.note(rule, old, new, "prefixItems", *details, place=(index,))
    return replace(found, at_old=gone.pointer)


def _added(walk: Walk, old: Side, new: Side, index: int) -> Difference:
    come, cover = new.inner("prefixItems", index), _cover(old)
    if cover.schema is False:
        rule = "ITEM_ADDED_TO_CLOSED_CONTENT_MODEL"
    elif _is_anything(cover.schema):
        kind = "ITEM_WITH_EMPTY_SCHEMA" if _is_anything(come.schema) else "ITEM"
        rule = f"{kind}_ADDED_TO_OPEN_CONTENT_MODEL"
    else:
        how = "IS_COVERED" if walk.are_compatible(cover, come) else "NOT_COVERED"
        rule = f"ITEM_ADDED_{how}_BY_PARTIALLY_OPEN_CONTENT_MODEL"
    details = (f"item {index} has {what}" for what in appearance(is_added=True))
    found = walk.note(rule, old, new, "prefixItems", *details, place=(index,))
    return replace(found, at_new=come.pointer)


def _contains(walk: Walk, old: Side, new: Side) -> Iterator[Difference]:
    if old.has("contains") and new.has("contains"):
        for difference in walk.compare(old.inner("contains"), new.inner("contains")):
            yield replace(difference.below((_EACH,)), is_judged=False)
    elif old.has("contains") or new.has("contains"):
        rule = "CONTAINS_ADDED" if new.has("contains") else "CONTAINS_REMOVED"
        words = ("must", "need not") if new.has("contains") else ("need not", "must")
        yield walk.note(
            rule, old, new, "contains", *(f"arrays {word} contain something now" for word in words)
        )


def _is_anything(schema: Any) -> bool:
    return schema is True or schema == {}
