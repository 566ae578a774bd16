"""What is different between two pacts: interactions that came, went or changed, and what changed in each.

Interactions are the same by their description and states, as in `merge`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from enum import Enum
from itertools import islice
from typing import Any

from broker.domain.pacts.reading import InteractionKind, ReadContent, ReadInteraction
from tally.pact import (
    Body,
    HttpInteraction,
    Interaction,
    MatchingRules,
    Message,
    MessageInteraction,
    Presence,
    Request,
    Response,
    RuleSet,
    SynchronousMessageInteraction,
)
from tally.pact.path_expressions import format_path
from tally.values import dataclass

MOST = 100
"""How many changes of an interaction are told."""
_RULES_BY_NAME = ("body", "header", "query", "metadata")
_RULES = ("path", "status", "method")


class Missing(Enum):
    """Stands for a value that is not there."""

    MISSING = "missing"


MISSING = Missing.MISSING


@dataclass(frozen=True)
class Change:
    """One change: *place* is such as "response body $.id"; a value is MISSING where there was or is none."""

    place: str
    before: Any
    after: Any


@dataclass(frozen=True)
class ChangedInteraction:
    """An interaction that both have, with what changed in it; *more* counts what is not told."""

    before: ReadInteraction
    after: ReadInteraction
    changes: Sequence[Change]
    more: int = 0


@dataclass(frozen=True)
class PactChanges:
    """What changed between two pacts, in the order of the newer one; *unchanged* counts the rest."""

    removed: Sequence[ReadInteraction] = ()
    added: Sequence[ReadInteraction] = ()
    changed: Sequence[ChangedInteraction] = ()
    unchanged: int = 0
    metadata: Sequence[Change] = field(default=())

    @property
    def is_nothing(self) -> bool:
        """Whether the two say the same."""
        return not (self.removed or self.added or self.changed or self.metadata)


def changes(before: ReadContent, after: ReadContent) -> PactChanges:
    """Return what changed between two pacts."""
    pairs, removed, added = _paired(before.interactions, after.interactions)
    changed, unchanged = [], 0
    for old, new in pairs:
        told = [] if _is_same(old, new) else list(_of_interaction(old, new))
        if told:
            changed.append(ChangedInteraction(old, new, told[:MOST], max(0, len(told) - MOST)))
        else:
            unchanged += 1
    metadata = [
        change
        for change in [Change("specification", before.specification, after.specification)]
        if change.before != change.after
    ]
    return PactChanges(removed, added, changed, unchanged, metadata)


def _paired(
    before: Iterable[ReadInteraction], after: Iterable[ReadInteraction]
) -> tuple[list[tuple[ReadInteraction, ReadInteraction]], list[ReadInteraction], list[ReadInteraction]]:
    """Return the pairs, and what only the first and only the second has. The same id goes before the name."""
    by_key: dict[str, list[ReadInteraction]] = {}
    for item in before:
        by_key.setdefault(item.key, []).append(item)
    pairs: dict[int, tuple[ReadInteraction, ReadInteraction]] = {}
    remaining, added = [], []
    for place, item in enumerate(after):
        named = by_key.get(item.key, [])
        same = next((other for other in named if other.id == item.id), None)
        if same is None:
            remaining.append((place, item))
        else:
            named.remove(same)
            pairs[place] = (same, item)
    for place, item in remaining:
        if by_key.get(item.key):
            pairs[place] = (by_key[item.key].pop(0), item)
        else:
            added.append(item)
    return (
        [pairs[place] for place in sorted(pairs)],
        [item for left in by_key.values() for item in left],
        added,
    )


def _is_same(before: ReadInteraction, after: ReadInteraction) -> bool:
    if before.interaction is after.interaction:
        return True
    return before.id == after.id and replace(before.interaction, id=None) == replace(
        after.interaction, id=None
    )


def _of_interaction(before: ReadInteraction, after: ReadInteraction) -> Iterator[Change]:
    old, new = before.interaction, after.interaction
    if before.kind is not after.kind:
        yield Change("kind", before.kind.value, after.kind.value)
        return
    if old.pending != new.pending:
        yield Change("pending", old.pending, new.pending)
    yield from islice(_of_parts(before.kind, old, new), 10 * MOST)
    yield from _named("comment", old.comments, new.comments)


def _of_parts(kind: InteractionKind, old: Interaction, new: Interaction) -> Iterator[Change]:
    if isinstance(old, HttpInteraction) and isinstance(new, HttpInteraction):
        yield from _of_request(old.request, new.request)
        yield from _of_response(old.response, new.response)
    elif isinstance(old, MessageInteraction) and isinstance(new, MessageInteraction):
        yield from _of_message("message", old.message, new.message)
    elif isinstance(old, SynchronousMessageInteraction) and isinstance(new, SynchronousMessageInteraction):
        yield from _of_message("message", old.request, new.request)
        for number, (one, other) in enumerate(zip(old.responses, new.responses, strict=False), 1):
            yield from _of_message(f"reply {number}" if len(new.responses) > 1 else "reply", one, other)
        if len(old.responses) != len(new.responses):
            yield Change("replies", len(old.responses), len(new.responses))
    else:
        yield Change("kind", kind.value, kind.value)


def _of_request(old: Request, new: Request) -> Iterator[Change]:
    yield from _value("method", old.method.upper(), new.method.upper())
    yield from _value("path", old.path, new.path)
    yield from _named("query", old.query, new.query)
    yield from _named("request header", old.headers, new.headers)
    yield from _of_body("request body", old.body, new.body)
    yield from _of_rules("request", old, new)


def _of_response(old: Response, new: Response) -> Iterator[Change]:
    yield from _value("status", old.status, new.status)
    yield from _named("response header", old.headers, new.headers)
    yield from _of_body("response body", old.body, new.body)
    yield from _of_rules("response", old, new)


def _of_message(name: str, old: Message, new: Message) -> Iterator[Change]:
    yield from _named(f"{name} metadata", old.metadata, new.metadata)
    yield from _of_body(f"{name} body", old.body, new.body)
    yield from _of_rules(name, old, new)


def _of_rules(
    name: str, old: Request | Response | Message, new: Request | Response | Message
) -> Iterator[Change]:
    for category in _RULES_BY_NAME:
        yield from _named(
            f"rule of {name} {category}", _rules(old.rules, category), _rules(new.rules, category)
        )
    for category in _RULES:
        one, other = getattr(old.rules, category), getattr(new.rules, category)
        yield from _value(f"rule of {category}", one or MISSING, other or MISSING)
    for category in sorted({*old.generators, *new.generators}):
        one, other = old.generators.get(category, {}), new.generators.get(category, {})
        if "type" in one or "type" in other:  # of the path or the status, which are single values
            yield from _value(f"generator of {category}", one or MISSING, other or MISSING)
        else:
            yield from _named(f"generator of {name} {category}", one, other)


def _rules(rules: MatchingRules, category: str) -> Mapping[str, RuleSet]:
    found: Mapping[str, RuleSet] = getattr(rules, category)
    return found


def _of_body(name: str, old: Body, new: Body) -> Iterator[Change]:
    if old.content_type != new.content_type and old.presence is new.presence is Presence.PRESENT:
        yield from _value(f"{name} type", old.content_type or MISSING, new.content_type or MISSING)
    if old.presence is Presence.PRESENT and new.presence is Presence.PRESENT:
        for path, one, other in _differences(old.value, new.value, ()):
            yield Change(f"{name} {format_path(path)}" if path else name, one, other)
    elif old.presence is not new.presence:
        yield Change(name, _content(old), _content(new))


def _content(body: Body) -> Any:
    if body.presence in {Presence.MISSING, Presence.EMPTY}:
        return MISSING if body.presence is Presence.MISSING else ""
    return body.value


def _differences(old: Any, new: Any, path: tuple[str | int, ...]) -> Iterator[tuple[Any, Any, Any]]:
    """Yield the path of each value that differs, with both values; 1, 1.0 and true are all different."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            yield from _differences(old.get(key, MISSING), new.get(key, MISSING), (*path, key))
    elif isinstance(old, list) and isinstance(new, list):
        for place in range(max(len(old), len(new))):
            one = old[place] if place < len(old) else MISSING
            other = new[place] if place < len(new) else MISSING
            yield from _differences(one, other, (*path, place))
    elif old != new or any(isinstance(old, kind) != isinstance(new, kind) for kind in (bool, float)):
        yield path, old, new


def _named(name: str, old: Any, new: Any) -> Iterator[Change]:
    """Yield the entries of two objects that differ."""
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        yield from _value(name, old, new)
        return
    for key in [*old, *(key for key in new if key not in old)]:
        yield from _value(f"{name} {key}", old.get(key, MISSING), new.get(key, MISSING))


def _value(place: str, old: Any, new: Any) -> Iterator[Change]:
    if old != new:
        yield Change(place, old, new)
