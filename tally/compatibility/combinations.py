"""What changed in schemas that are combined: with allOf, anyOf, oneOf, not and if."""

from collections.abc import Iterator
from dataclasses import replace

from tally.compatibility.matching import maximum_matching
from tally.compatibility.sides import Side
from tally.compatibility.walk import Difference, Walk, json_text

_SUMS = ("anyOf", "oneOf")
_KINDS = ("allOf", *_SUMS)
_MOST_PAIRS = 900


def compare_combinations(walk: Walk, old: Side, new: Side) -> Iterator[Difference]:
    """Yield the differences of the schemas that two schema objects combine."""
    before, after = ([keyword for keyword in _KINDS if side.has(keyword)] for side in (old, new))
    if len(before) == 1 and len(after) == 1 and before != after:
        yield from _other_kind(walk, old, new, (before[0], after[0]))
    else:
        yield from _sums(walk, old, new)
        yield from _products(walk, old, new)
    yield from _negations(walk, old, new)
    yield from _conditions(walk, old, new)


def _other_kind(walk: Walk, old: Side, new: Side, keywords: tuple[str, str]) -> Iterator[Difference]:
    """Yield the differences of schemas that were combined with one keyword, and are with another."""
    one, other = keywords
    before, after = len(old.keywords[one]), len(new.keywords[other])
    is_extended = other == "anyOf" or (before == 1 and (other == "oneOf" or after == 1))
    rule = "COMBINED_TYPE_EXTENDED" if is_extended else "COMBINED_TYPE_CHANGED"
    found = walk.note(rule, old, new, None, f"{one} became {other}", f"{other} became {one}")
    yield replace(found, at_old=old.at(one), at_new=new.at(other))
    if is_extended:
        yield from _branches(walk, old, new, keywords)


def _sums(walk: Walk, old: Side, new: Side) -> Iterator[Difference]:
    for keyword in _SUMS:
        if old.has(keyword) and new.has(keyword):
            yield from _branches(walk, old, new, (keyword, keyword))
        elif old.has(keyword):
            yield walk.note("SUM_TYPE_EXTENDED", old, new, keyword, *_limiting(keyword)[::-1])
        elif new.has(keyword):
            yield walk.note("SUM_TYPE_NARROWED", old, new, keyword, *_limiting(keyword))


def _limiting(keyword: str) -> tuple[str, str]:
    return f"{keyword} limits the values now", f"{keyword} is gone, which limited the values"


def _branches(walk: Walk, old: Side, new: Side, keywords: tuple[str, str]) -> Iterator[Difference]:
    one, other = keywords
    left, right = _sides(old, one), _sides(new, other)
    pairs = _paired(walk, left, right)
    for index, partner in pairs.items():
        yield from walk.compare(left[index], right[partner])
    gone = [index for index in range(len(left)) if index not in pairs]
    come = [index for index in range(len(right)) if index not in pairs.values()]
    if gone and come:
        details = [f"{len(gone)} of the branches of {one} changed"]
        rule = "COMBINED_TYPE_SUBSCHEMAS_CHANGED"
    elif gone:
        details = list(_branching(one, len(gone))[::-1])
        rule = "SUM_TYPE_NARROWED"
    elif come:
        details = list(_branching(other, len(come)))
        rule = "SUM_TYPE_EXTENDED"
    else:
        return
    yield replace(
        walk.note(rule, old, new, None, *details),
        at_old=left[gone[0]].pointer if gone else old.at(one),
        at_new=right[come[0]].pointer if come else new.at(other),
    )


def _branching(keyword: str, count: int) -> tuple[str, str]:
    branches = "one branch" if count == 1 else f"{count} branches"
    return f"{keyword} has {branches} more", f"{keyword} has {branches} less"


def _products(walk: Walk, old: Side, new: Side) -> Iterator[Difference]:
    if not old.has("allOf") and not new.has("allOf"):
        return
    left, right = _sides(old, "allOf"), _sides(new, "allOf")
    pairs = _paired(walk, left, right)
    for index, partner in pairs.items():
        yield from walk.compare(left[index], right[partner])
    gone = [index for index in range(len(left)) if index not in pairs]
    come = [index for index in range(len(right)) if index not in pairs.values()]
    if gone and come:
        rule = "COMBINED_TYPE_SUBSCHEMAS_CHANGED"
    elif come or gone:
        rule = "PRODUCT_TYPE_EXTENDED" if come else "PRODUCT_TYPE_NARROWED"
    else:
        return
    details = (
        f"of allOf, {a} of the schemas are new, and {b} are gone"
        for a, b in ((len(come), len(gone)), (len(gone), len(come)))
    )
    yield replace(
        walk.note(rule, old, new, None, *details),
        at_old=left[gone[0]].pointer if gone else old.at("allOf"),
        at_new=right[come[0]].pointer if come else new.at("allOf"),
    )


def _sides(side: Side, keyword: str) -> list[Side]:
    return [side.inner(keyword, index) for index in range(len(side.keywords.get(keyword, ())))]


def _paired(walk: Walk, left: list[Side], right: list[Side]) -> dict[int, int]:
    """Return which branch became which: equal ones, then compatible ones, then those of one name."""
    pairs: dict[int, int] = {}
    for same in (_are_written_alike, _have_one_name):
        taken = set(pairs.values())
        free = [index for index in range(len(right)) if index not in taken]
        for index in range(len(left)):
            partner = next(
                (each for each in free if index not in pairs and same(left[index], right[each])), None
            )
            if partner is not None:
                pairs[index] = partner
                free.remove(partner)
    rest = [index for index in range(len(left)) if index not in pairs]
    free = [index for index in range(len(right)) if index not in pairs.values()]
    if len(rest) * len(free) <= _MOST_PAIRS:
        edges = {
            index: [each for each in free if walk.are_compatible(left[index], right[each])] for index in rest
        }
        pairs |= maximum_matching(edges)
    return pairs


def _are_written_alike(one: Side, other: Side) -> bool:
    return one.reference is None and json_text(one.schema) == json_text(other.schema)


def _have_one_name(one: Side, other: Side) -> bool:
    """Whether both refer to a schema of the same name, or have the same title."""
    if one.reference is not None or other.reference is not None:
        return one.reference == other.reference
    title = one.keywords.get("title")
    return title is not None and title == other.keywords.get("title")


def _negations(walk: Walk, old: Side, new: Side) -> Iterator[Difference]:
    if old.has("not") and new.has("not"):
        before, after = old.inner("not"), new.inner("not")
        if not walk.compare(before, after):
            return
        rule = "NOT_TYPE_NARROWED" if walk.are_compatible(after, before) else "NOT_TYPE_EXTENDED"
        yield walk.note(rule, old, new, "not", "other values are excluded now")
    elif old.has("not") or new.has("not"):
        rule = "NOT_TYPE_EXTENDED" if new.has("not") else "NOT_TYPE_NARROWED"
        words = ("excluded", "not excluded") if new.has("not") else ("not excluded", "excluded")
        yield walk.note(rule, old, new, "not", *(f"values are {word} now" for word in words))


def _conditions(walk: Walk, old: Side, new: Side) -> Iterator[Difference]:
    if not old.has("if") and not new.has("if"):
        return
    if not old.has("if") or not new.has("if"):
        rule = "CONDITION_ADDED" if new.has("if") else "CONDITION_REMOVED"
        words = ("a", "no") if new.has("if") else ("no", "a")
        yield walk.note(rule, old, new, "if", *(f"there is {word} condition now" for word in words))
        return
    if walk.compare(old.inner("if"), new.inner("if")):
        yield walk.note("CONDITION_CHANGED", old, new, "if", "the condition changed")
    for keyword in ("then", "else"):
        one = old.inner(keyword) if old.has(keyword) else old.with_schema(schema=True)
        other = new.inner(keyword) if new.has(keyword) else new.with_schema(schema=True)
        for difference in walk.compare(one, other):
            yield replace(difference, is_judged=False)
