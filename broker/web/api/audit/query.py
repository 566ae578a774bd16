"""What the query string of the audit log asks for."""

from datetime import datetime

from flask import request

from broker.domain.audit.entry_filter import AskedEntries, EntryFilter
from broker.domain.errors import ValidationError
from broker.domain.names import did_you_mean
from broker.web import query_values
from broker.web.dates import lenient

USUAL_SIZE, LARGEST_SIZE = 100, 500
PARAMETERS = ("from", "size", "pageSize", "since", "actor", "action", "subject", "sort")
OLDEST_FIRST, NEWEST_FIRST = "+timestamp", "-timestamp"
LONGEST = 1000


def asked(*others: str, newest_first: bool = False) -> AskedEntries:
    """Return what is asked for; *others* are parameters that somebody else reads.

    Raises ValidationError for unknown parameters, too: a misspelt one would give more than was asked for.
    """
    for name in request.args:
        if name not in (*PARAMETERS, *others):
            known = ", ".join((*PARAMETERS, *others))
            hint = did_you_mean(name, PARAMETERS) or f"; the parameters are {known}"
            raise ValidationError({name[:LONGEST]: [f"is no parameter{hint}"]})
    return AskedEntries(
        EntryFilter(
            since=_since(),
            actor=_text("actor"),
            action=_text("action"),
            subject=_text("subject"),
        ),
        _size(),
        _text("from") or "",
        _is_newest_first(default=newest_first),
    )


def _text(name: str) -> str | None:
    return query_values.name(name, longest=LONGEST).replace("\0", "\ufffd") or None


def _since() -> datetime | None:
    text = request.args.get("since", "")
    if not text.strip():
        return None
    moment = lenient(text)
    if moment is None:
        raise ValidationError({"since": ["must be a moment such as 2026-10-01T00:00:00Z"]})
    return moment


def _size() -> int:
    for name in ("size", "pageSize"):
        if name in request.args:
            size = query_values.whole_number(request.args[name], least=1, most=LARGEST_SIZE)
            if size is None:
                raise ValidationError({name: [f"must be a whole number from 1 to {LARGEST_SIZE}"]})
            return size
    return USUAL_SIZE


def _is_newest_first(*, default: bool) -> bool:
    given = request.args.get("sort", "")
    if not given.strip():
        return default
    if given in {OLDEST_FIRST, " timestamp", "timestamp"}:  # a plus that is not encoded arrives as a space
        return False
    if given != NEWEST_FIRST:
        raise ValidationError({"sort": [f"must be {OLDEST_FIRST} or {NEWEST_FIRST}"]})
    return True
