"""The page of what is different between two pacts."""

from collections.abc import Callable
from difflib import unified_diff

from flask import Response, request

from broker.domain.overview.pact_page import JudgedInteraction
from broker.domain.pacts.changes import MISSING, Change
from broker.domain.pacts.reading import ReadInteraction
from broker.domain.readable_json import shortened
from broker.domain.verifications.interaction_outcomes import InteractionOutcome
from broker.services.pacts import differences
from broker.services.pacts.differences import Difference
from broker.web.context import reading
from broker.web.lagging import may_lag
from broker.web.pages.pacts.interaction_text import sides
from broker.web.pages.pacts.rules_in_words import generator_in_words, rule_in_words
from broker.web.pages.page import blueprint
from broker.web.pages.rendering import render
from broker.web.pages.tables import Column, Table
from broker.web.routes import rule
from tally.amounts import counted
from tally.hashing import compact_json
from tally.pact import RuleSet
from tally.values import dataclass

_IN_THE_SENTENCE = 3
_ON_THE_PAGE = 50
_LONGEST = 200
_SHORT = 60
_MOST_LINES = 400
_MOST_COMPARED = 1_000


@dataclass(frozen=True)
class Row:
    """One change as a row for machines."""

    interaction: str
    kind: str
    place: str = ""
    before: str = ""
    after: str = ""


_ROWS = Table(
    "changes",
    [
        Column[Row]("interaction", "", lambda row: row.interaction),
        Column[Row]("kind", "", lambda row: row.kind),
        Column[Row]("place", "", lambda row: row.place),
        Column[Row]("before", "", lambda row: row.before),
        Column[Row]("after", "", lambda row: row.after),
    ],
)


@blueprint.get(rule("diff-with-previous-distinct"))
@may_lag
def since_previous(provider: str, consumer: str, consumer_version: str) -> Response:
    """Show what changed since the newest earlier pact with other content."""
    return _difference(differences.since_previous, provider, consumer, consumer_version)


@blueprint.get(rule("diff-with-version"))
@may_lag
def since_version(provider: str, consumer: str, consumer_version: str, other_version: str) -> Response:
    """Show what changed since the pact of another consumer version."""
    return _difference(differences.since_version, provider, consumer, consumer_version, other=other_version)


@blueprint.get(rule("diff-of-contents"))
@may_lag
def between_contents(provider: str, consumer: str, sha: str, other_sha: str) -> Response:
    """Show what changed since another content."""
    return _difference(differences.between_contents, provider, consumer, sha, other=other_sha)


def _difference(find: Callable[..., Difference], *names: str, **other: str) -> Response:
    with reading() as storage:
        found = find(storage, *names, **other)
    if download := _ROWS.download(_rows(found)):
        return download
    return render(
        "diff.html",
        found=found,
        sentence=_sentence(found),
        most=_ON_THE_PAGE,
        value=_value,
        missing=MISSING,
        text=_text(found) if request.args.get("show") == "text" else None,
    )


def _sentence(found: Difference) -> str:
    """Return what changed, in one sentence."""
    told = found.changes
    if told.is_nothing:
        return "The two have the same interactions."
    lists = {"removed": told.removed, "added": told.added, "changed": told.changed}
    counts = [f"{len(items)} {word}" for word, items in lists.items() if items]
    if counts:  # the first one says of what
        first = next(len(items) for items in lists.values() if items)
        counts[0] = f"{counted(first, 'interaction')} {counts[0].partition(' ')[2]}"
    examples = [
        f"{_said(item.changes[0])} in “{shortened(item.after.interaction.description, _SHORT)}”"
        for item in told.changed[:_IN_THE_SENTENCE]
    ]
    if len(told.changed) > _IN_THE_SENTENCE:
        examples.append("…")
    examples += map(_said, told.metadata)
    return ": ".join(filter(None, (", ".join(counts), "; ".join(examples))))


def _said(change: Change) -> str:
    if change.before is MISSING:
        return f"{change.place} added"
    if change.after is MISSING:
        return f"{change.place} removed"
    return f"{change.place} {_value(change, change.before, _SHORT)} → {_value(change, change.after, _SHORT)}"


def _value(change: Change, value: object, longest: int = _LONGEST) -> str:
    """Return a value of a change as people read it."""
    return shortened(_words(change, value), longest)


def _words(change: Change, value: object) -> str:
    if value is MISSING:
        return "nothing"
    if isinstance(value, RuleSet):
        return rule_in_words(value)
    if change.place.startswith("generator of"):
        return generator_in_words(value)
    if isinstance(value, bytes):
        return counted(len(value), "byte")
    if isinstance(value, tuple):  # the values of a header, or of a name in a query
        return ", ".join("no value" if each is None else str(each) for each in value)
    return value if isinstance(value, str) else compact_json(value).decode()


def _rows(found: Difference) -> list[Row]:
    told = found.changes
    return [
        *(Row(item.interaction.description, "removed") for item in told.removed),
        *(Row(item.interaction.description, "added") for item in told.added),
        *(
            Row(
                item.after.interaction.description,
                "changed",
                change.place,
                _value(change, change.before),
                _value(change, change.after),
            )
            for item in told.changed
            for change in item.changes
        ),
    ]


def _text(found: Difference) -> str:
    """Return what changed as a unified diff, interaction by interaction; a long one is cut."""
    told = found.changes
    pairs: list[tuple[ReadInteraction | None, ReadInteraction | None]] = [
        *((item, None) for item in told.removed),
        *((None, item) for item in told.added),
        *((item.before, item.after) for item in told.changed),
    ]
    lines: list[str] = []
    for before, after in pairs:
        lines += _of_interaction(before, after)
        if len(lines) > _MOST_LINES:
            return "\n".join([*lines[:_MOST_LINES], "…"])
    return "\n".join(lines)


def _of_interaction(before: ReadInteraction | None, after: ReadInteraction | None) -> list[str]:
    item = after or before
    old, new = (_lines(each) for each in (before, after))
    if max(len(old), len(new)) > _MOST_COMPARED:  # comparing takes time by the square
        changed = ["… too long to be compared line by line"]
    else:
        changed = [
            line for line in unified_diff(old, new, lineterm="", n=2) if not line.startswith(("---", "+++"))
        ]
    return [f"{item.request} {item.interaction.description}".strip() if item else "", *changed, ""]


def _lines(read: ReadInteraction | None) -> list[str]:
    if read is None:
        return []
    shown = sides(JudgedInteraction(read, InteractionOutcome()))
    found = []
    for side in shown.sides:
        for part in side.parts:
            found += [" · ".join((line.text, *line.notes)) for line in part.lines]
        found += [f"{place}: {words}" for place, words in side.notes]
    return found
