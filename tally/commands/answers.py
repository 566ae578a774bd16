"""How commands show what the broker answered: each `--output` means the same in all of them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

import click

from tally.broker_client import BrokerClient
from tally.commands import output as printing
from tally.errors import ResourceNotFoundError, UsageError

Row = Mapping[str, str]
"""What one line of a table says, by heading."""


def outcome(state: object, output: str, sentence: str, row: Row) -> None:
    """Show what was done: as a *sentence*, or the thing itself; "id" is its UUID alone."""
    if output == "text":
        printing.say(sentence, "success")
    elif output == "id":
        click.echo(row["UUID"])
    else:
        _thing(state, output, row)


def description(state: object, output: str, row: Row) -> None:
    """Show one thing: as text, a line for each field that has a value."""
    if output == "text":
        for heading, value in row.items():
            if value:
                click.echo(f"{_label(heading)}: {value}")
    else:
        _thing(state, output, row)


def listing(
    state: object, output: str, rows: Sequence[Row], *, headings: Sequence[str], nothing: str
) -> None:
    """Show several things; as text, *nothing* is the sentence when there are none."""
    if output in {"json", "pretty"}:
        printing.document(state, output)
    elif output == "text" and not rows:
        printing.say(nothing)
    else:
        printing.table(headings, [[row[heading] for heading in headings] for row in rows])


@contextmanager
def not_found(sentence: str) -> Iterator[None]:
    """Raise UsageError with this *sentence* where the broker answers 404."""
    try:
        yield
    except ResourceNotFoundError as error:
        raise UsageError(sentence) from error


@contextmanager
def known_pacticipant(broker: BrokerClient, name: str, otherwise: str) -> Iterator[None]:
    """Raise UsageError where the broker answers 404: no such application, or *otherwise*."""
    try:
        yield
    except ResourceNotFoundError as error:
        check_pacticipant(broker, name)
        raise UsageError(otherwise) from error


def check_pacticipant(broker: BrokerClient, name: str) -> None:
    """Raise UsageError, with the nearest name, when the broker knows no such application."""
    known = {item["name"] for item in pacticipants(broker)}
    if name not in known:
        raise UsageError(_unknown(name, known))


def pacticipants(broker: BrokerClient) -> list[dict[str, Any]]:
    """Return all applications."""
    return broker.follow(broker.index(), "pb:pacticipants").embedded("pacticipants")


def _unknown(name: str, known: set[str]) -> str:
    near = get_close_matches(name, known, n=1)
    hint = f" Did you mean {near[0]}?" if near else " (All of them: tally list-pacticipants)"
    return f"The broker knows no application {name!r}.{hint}"


def _label(heading: str) -> str:
    words = [word if word in {"UUID", "URL"} else word.lower() for word in heading.split()]
    return " ".join(words)[0].upper() + " ".join(words)[1:]


def _thing(state: object, output: str, row: Row) -> None:
    if output == "table":
        printing.table(list(row), [list(row.values())])
    else:
        printing.document(state, output)
