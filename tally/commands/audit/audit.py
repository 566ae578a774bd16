"""`tally audit`: who did what, a copy of it, and whether anybody has changed it."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import click

from tally.audit.age import MOST_MONTHS, Kept
from tally.audit.sealed import from_lines, to_lines
from tally.audit.verification import ProblemKind, Verification
from tally.audit.verification import verify as verify_log
from tally.broker_client import BrokerClient, Resource
from tally.commands import answers
from tally.commands import output as printing
from tally.commands.audit.files import new_file
from tally.commands.options import broker_options, optional_broker_options, output_option
from tally.errors import UsageError
from tally.exporting.audit_log import page_after, seals_of
from tally.option_values import WholeNumber

RELATION = "tally:audit"
HEADINGS = ("AT", "ACTOR", "ACTION", "SUBJECT", "TEAM", "OUTCOME", "UUID")
NOTHING = "There are no such entries in the audit log."
LARGEST_PAGE = 500
_HASH = re.compile(r"[0-9a-fA-F]{64}")


@click.group()
def audit() -> None:
    """List, export and verify the audit log: who did what.

    \b
    Examples:
      tally audit list --actor ada --since 2026-10-01
      tally audit export --file audit.ndjson
      tally audit verify --earlier audit.ndjson
    """


@audit.command("list")
@click.option("--actor", metavar="NAME", help="Only what this account did: its name or its UUID.")
@click.option("--action", metavar="ACTION", help="Only this action, such as publish, delete or log-in.")
@click.option("--subject", metavar="NAME", help="Only entries about what has this name.")
@click.option("--since", metavar="MOMENT", help="Only entries from then on: 2026-10-01T00:00:00Z.")
@click.option(
    "--limit",
    metavar="N",
    type=WholeNumber(1),
    default=50,
    show_default=True,
    help="How many entries at most, the newest first.",
)
@output_option()
@broker_options
def list_entries(*, broker: BrokerClient, output: str, limit: int, **filters: str | None) -> None:
    """List the newest entries.

    \b
    Example:
      tally audit list --action delete --since 2026-10-01
    """
    given = [(name, value) for name, value in filters.items() if value is not None]
    size = ("size", str(min(limit, LARGEST_PAGE)))
    page: Resource | None = broker.get(_link(broker, RELATION), params=[*given, ("sort", "-timestamp"), size])
    found: list[Mapping[str, Any]] = []
    while page and len(found) < limit and (entries := page.embedded("entries")):
        found += entries
        page = page_after(broker, page)
    rows = [_row(entry) for entry in found[:limit]]
    answers.listing({"entries": found[:limit]}, output, rows, headings=HEADINGS, nothing=NOTHING)


@audit.command()
@click.option(
    "--file", "path", metavar="FILE", default="-", help="Where to write; without it, to standard output."
)
@output_option()
@broker_options
def export(*, broker: BrokerClient, path: str, output: str) -> None:
    """Copy the audit log with its seals: a JSON document on each line.

    Keep the copy where nobody can change it. `tally audit verify --earlier FILE` compares the log with it.
    Entries that have no seal yet are not in it: they are sealed within a second or two.

    \b
    Example:
      tally audit export --file audit.ndjson
    """
    entries, last = 0, None
    with ExitStack() as stack:
        file: IO[bytes] = sys.stdout.buffer if path == "-" else stack.enter_context(new_file(Path(path)))
        for last in seals_of(broker):
            entries += len(last.entries)
            file.writelines(line + b"\n" for line in to_lines(last))
    said = {"entries": entries, "seal": {"number": last.number, "hash": last.hash} if last else None}
    newest = f"The newest seal is {last.number}: {last.hash}" if last else "There is no seal yet."
    if output == "text" or (output == "table" and path == "-"):  # the export itself is there
        printing.say(f"Exported {entries} entries. {newest}", "success", error=path == "-")
    elif output == "table":
        seal = (str(last.number), last.hash) if last else ("", "")
        printing.table(("ENTRIES", "SEAL", "HASH"), [(str(entries), *seal)])
    else:
        printing.document(said, output, error=path == "-")


@audit.command()
@click.option("--seal", "noted", metavar="HASH", help="The hash of a seal that you noted earlier.")
@click.option("--earlier", metavar="FILE", help="An earlier export: nothing of it may have changed.")
@click.option(
    "--months",
    metavar="N",
    type=WholeNumber(1, MOST_MONTHS),
    help="Entries older than so many months may be gone: the broker's TALLY_AUDIT_MONTHS.",
)
@click.option("--file", "path", metavar="FILE", help="Verify this export instead of a broker's log.")
@output_option()
@optional_broker_options
def verify(  # noqa: PLR0913 - the options of the command
    *,
    broker: BrokerClient | None,
    noted: str | None,
    earlier: str | None,
    months: int | None,
    path: str | None,
    output: str,
) -> None:
    """Verify that nobody has changed or removed a sealed entry, or put one into a seal.

    All hashes are computed here, from what the broker has: it need not be trusted. That the newest entries
    were removed can be seen only with --seal or --earlier. That none was removed because of its age is
    expected without --months. The exit code is 0 when all is as it was, 1 when something was changed, and 2
    when that cannot be said.

    \b
    Examples:
      tally audit verify --earlier audit.ndjson --months 24
      tally audit verify --seal 5f0c4a0b8e3d...
    """
    if noted is not None and not _HASH.fullmatch(noted):
        raise UsageError("--seal must be a hash of 64 hexadecimal digits; GET /audit/seal shows the newest.")
    kept = Kept(months, datetime.now(UTC)) if months else None
    log = path or broker
    if not log:
        raise UsageError(
            "Verify which log? Give --broker-base-url, set PACT_BROKER_BASE_URL, or give --file."
        )
    found = _verified(log, noted, earlier, kept)
    if log is broker and found.problem and found.problem.kind is ProblemKind.REMOVED:
        # Between two pages the broker may have removed what was too old.
        found = _verified(log, noted, earlier, kept)
    if output == "text":
        problem = found.problem
        printing.say(problem.text if problem else _in_words(found), "error" if problem else "success")
    elif output == "table":
        result = found.problem.text if found.problem else "unchanged"
        counts = (str(found.entries), str(found.seals), str(found.removed))
        printing.table(("RESULT", "ENTRIES", "SEALS", "REMOVED", "HASH"), [(result, *counts, found.hash)])
    else:
        printing.document(_document(found), output)
    raise click.exceptions.Exit(1 if found.problem else 0)


def _verified(
    log: BrokerClient | str, noted: str | None, earlier: str | None, kept: Kept | None
) -> Verification:
    """Verify the log of a broker, or the one of a file."""
    with ExitStack() as stack:
        before = from_lines(stack.enter_context(_opened(earlier))) if earlier else iter(())
        seals = from_lines(stack.enter_context(_opened(log))) if isinstance(log, str) else seals_of(log)
        return verify_log(seals, noted=noted, earlier=before, kept=kept)


def _link(broker: BrokerClient, relation: str) -> str:
    return broker.index().link(relation).expand()


def _opened(path: str) -> IO[bytes]:
    try:
        return Path(path).open("rb")
    except OSError as error:
        raise UsageError(f"Cannot read {path}: {error.strerror}.") from error


def _row(entry: Mapping[str, Any]) -> answers.Row:
    subject = entry.get("subject") or {}
    return {
        "AT": printing.moment(str(entry.get("at"))),
        "ACTOR": str((entry.get("actor") or {}).get("name")),
        "ACTION": str(entry.get("action")),
        "SUBJECT": f"{subject.get('kind')} {subject.get('name')}",
        "TEAM": str(entry.get("team") or ""),
        "OUTCOME": str(entry.get("outcome")),
        "UUID": str(entry.get("uuid")),
    }


def _in_words(found: Verification) -> str:
    if not found.seals:
        return "The audit log has no seal yet: there is nothing to verify."
    gone = ""
    if found.removed:
        seals = "seal 1" if found.removed == 1 else f"seals 1 to {found.removed}"
        gone = (
            f" The entries of {seals} were removed because of their age: {found.removed_entries}, as the log "
            "says, which nothing proves."
        )
    return (
        f"Nothing was changed: {found.entries} entries in {found.seals} seals.{gone} "
        f"The newest seal is {found.newest}: {found.hash}"
    )


def _document(found: Verification) -> dict[str, Any]:
    problem = found.problem
    return {
        "whole": problem is None,
        "entries": found.entries,
        "seals": found.seals,
        "removedSeals": found.removed,
        "removedEntries": found.removed_entries,
        "newest": {"number": found.newest, "hash": found.hash} if found.newest else None,
        "problem": problem
        and {"kind": problem.kind, "seal": problem.seal, "uuid": problem.uuid, "text": problem.text},
    }
