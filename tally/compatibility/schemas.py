"""What changed between two schemas."""

from collections.abc import Iterator

from tally.compatibility.combinations import compare_combinations
from tally.compatibility.items import compare_arrays
from tally.compatibility.keywords import compare_keywords
from tally.compatibility.objects import compare_objects
from tally.compatibility.sides import ANNOTATIONS, Side
from tally.compatibility.walk import Difference, Walk


def compare_schemas(walk: Walk, old: Side, new: Side) -> Iterator[Difference]:
    """Yield the differences of two schemas, which are no mere references."""
    if old.schema is new.schema and old.home is new.home:
        return
    if _says_nothing(old) != _says_nothing(new):
        yield from _appeared(walk, old, new)
        return
    if old.schema is False or new.schema is False:
        if old.schema is not new.schema:
            rule = "SCHEMA_ADDED" if new.schema is False else "SCHEMA_REMOVED"
            words = ("nothing", "something") if new.schema is False else ("something", "nothing")
            yield walk.note(rule, old, new, None, *(f"{word} is allowed now" for word in words))
        return
    if _is_combined(old) != _is_combined(new) and not old.has("not"):
        found = _combined(walk, old, new)
        if found is not None:
            yield from found
            return
    old, new = _with_reference(old), _with_reference(new)
    yield from compare_keywords(walk, old, new)
    yield from compare_combinations(walk, old, new)
    yield from compare_objects(walk, old, new)
    yield from compare_arrays(walk, old, new)


def _says_nothing(side: Side) -> bool:
    """Whether the schema accepts everything, as far as that is plain."""
    return isinstance(side.schema, dict | bool) and side.schema is not False and not _asserted(side)


def _asserted(side: Side) -> set[str]:
    return {
        keyword for keyword in side.keywords if keyword not in ANNOTATIONS and not keyword.startswith("x-")
    }


def _appeared(walk: Walk, old: Side, new: Side) -> Iterator[Difference]:
    rule = "SCHEMA_REMOVED" if _says_nothing(new) else "SCHEMA_ADDED"
    details = "anything is allowed now", "not everything is allowed now"
    yield walk.note(rule, old, new, None, *(details if _says_nothing(new) else details[::-1]))


def _is_combined(side: Side) -> bool:
    """Whether the schema does nothing but combine others, in one way."""
    return len(_asserted(side) & {"allOf", "anyOf", "oneOf"}) == 1 and len(_asserted(side)) == 1


def _combined(walk: Walk, old: Side, new: Side) -> list[Difference] | None:
    """Return the differences of a schema and one that combines it with others; None when it does not."""
    is_new = _is_combined(new)
    combined, single = (new, old) if is_new else (old, new)
    keyword = next(iter(_asserted(combined)))
    branches = [combined.inner(keyword, index) for index in range(len(combined.keywords[keyword]))]
    for branch in branches:
        pair = (single, branch) if is_new else (branch, single)
        if walk.are_compatible(*pair):
            found = list(walk.compare(*pair))
            break
    else:
        return None
    if len(branches) > 1:
        kind = "PRODUCT" if keyword == "allOf" else "SUM"
        words = ("became", "was") if is_new else ("was", "became")
        details = (f"it {word} one of the schemas of {keyword}" for word in words)
        rule = f"{kind}_TYPE_{'EXTENDED' if is_new else 'NARROWED'}"
        found.append(walk.note(rule, old, new, keyword, *details))
    return found


def _with_reference(side: Side) -> Side:
    """Return the schema with what it refers to as one of the schemas of `allOf`, as it means the same."""
    reference = side.reference
    if reference is None:
        return side
    rest = {keyword: value for keyword, value in side.keywords.items() if keyword != "$ref"}
    return side.with_schema({**rest, "allOf": [*rest.get("allOf", []), {"$ref": reference}]})
