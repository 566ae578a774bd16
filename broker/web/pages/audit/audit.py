"""The audit log: for administrators all of it, for those of a team what is of it."""

from dataclasses import replace

from flask import Response, request

from broker.domain.accounts.permissions import Action
from broker.domain.audit.entry import Entry, moment_text
from broker.services.audit import reading as audit_log
from broker.web.api.audit.audit import answer
from broker.web.api.audit.query import PARAMETERS, asked
from broker.web.content_types import NDJSON
from broker.web.context import actor, reading
from broker.web.description.needs import Needs
from broker.web.pages import forms
from broker.web.pages.forms import Form
from broker.web.pages.rendering import render
from broker.web.pages.tables import Column, Table

PAGE_SIZE = 50
MOST_IN_FILE = 1000
TABLE: Table[Entry] = Table(
    "entries",
    (
        Column("uuid", "", lambda entry: entry.uuid),
        Column("at", "When", lambda entry: moment_text(entry.at)),
        Column("actor", "Who", lambda entry: entry.actor_name),
        Column("actorKind", "", lambda entry: entry.actor_kind),
        Column("actorUuid", "", lambda entry: entry.actor_uuid),
        Column("via", "", lambda entry: entry.via),
        Column("address", "", lambda entry: entry.address),
        Column("action", "Action", lambda entry: entry.action),
        Column("subjectKind", "", lambda entry: entry.subject_kind),
        Column("subject", "Subject", lambda entry: entry.subject_name),
        Column("team", "Team", lambda entry: entry.team),
        Column("outcome", "Outcome", lambda entry: entry.outcome),
        Column("before", "", lambda entry: _text(entry.before)),
        Column("after", "Before and after", lambda entry: _text(entry.after)),
        Column("requestId", "", lambda entry: entry.request_id),
        Column("seal", "Seal", lambda entry: entry.seal),
    ),
)


def _text(details: bytes | None) -> str | None:
    return None if details is None else details.decode()


@forms.page("audit", needs=Needs(Action.MANAGE_TEAM))
def audit(_form: Form) -> Response:
    """Show who did what, the newest first."""
    wanted = asked("format", newest_first=True)
    is_file = "format" in request.args
    if "size" not in request.args and "pageSize" not in request.args:
        wanted = replace(wanted, size=MOST_IN_FILE if is_file else PAGE_SIZE)
    with reading() as storage:
        found = audit_log.page(storage, actor(), wanted)
        newest = audit_log.newest_seal(storage)
    if request.args.get("format") == "ndjson":
        return answer(found, wanted, NDJSON)
    if file := TABLE.download(found.entries):
        return file
    return render(
        "audit.html",
        found=found,
        newest=newest,
        table=TABLE,
        given={name: request.args.get(name, "") for name in PARAMETERS},
        is_whole=actor().may_everywhere(Action.ACCOUNTS),
        is_filtered=any(request.args.get(name) for name in ("actor", "action", "subject", "since")),
    )
