"""The audit log: its entries in pages, and its seals."""

import csv
import io
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import orjson
from flask import Response, jsonify, request

from broker.domain.audit.entry import Entry
from broker.domain.audit.entry_filter import AskedEntries
from broker.domain.audit.seal import Seal
from broker.domain.errors import ValidationError
from broker.services.audit import reading as audit_log
from broker.services.audit.reading import EntryPage
from broker.web.api.audit.query import LARGEST_SIZE, NEWEST_FIRST, OLDEST_FIRST, asked
from broker.web.content_types import HAL, JSON, NDJSON
from broker.web.context import actor_or_refusal, links, reading
from broker.web.csv_cells import harmless
from broker.web.description.notation import MOMENT, one_of, or_blank
from broker.web.description.operation import QueryParameter
from broker.web.description.parameters import LARGEST_NUMBER
from broker.web.hal import Hal, Links, collection
from broker.web.query_values import whole_number
from broker.web.resource import ApiResource

api = ApiResource("audit", __name__)
api.relation(
    "tally:audit",
    "The audit log: who did what. The oldest entries come first; `from` is the UUID of the entry to begin "
    "with, such as the last one that you have. Entries appear once they are sealed, about a second later.",
    "audit",
    title="Audit log",
    with_accounts=True,
)
api.relation(
    "tally:audit-seal",
    "The newest seal of the audit log. Keep its hash elsewhere: it proves later that nothing was removed.",
    "audit-seal",
    title="Newest seal of the audit log",
    with_accounts=True,
)
api.relation(
    "tally:audit-seals",
    "The seals of the audit log, with their entries: all that is needed to verify it.",
    "audit-seals",
    title="Seals of the audit log",
    with_accounts=True,
)
CSV = "text/csv"
CSV_COLUMNS = (
    *("uuid", "at", "actorName", "actorKind", "actorUuid", "via", "address", "action", "subjectKind"),
    *("subjectName", "team", "outcome", "before", "after", "requestId", "seal"),
)
_SIZE = {"type": "integer", "minimum": 1, "maximum": LARGEST_SIZE}
_QUERY = (
    QueryParameter("from", "UUID of the entry to begin with"),
    QueryParameter("size", "Entries of a page", _SIZE),
    QueryParameter("pageSize", "Other name of `size`", _SIZE),
    QueryParameter("since", "Only entries from this moment on", or_blank(MOMENT)),
    QueryParameter("actor", "Only what this account did: its name or its UUID"),
    QueryParameter("action", "Only entries with this action"),
    QueryParameter("subject", "Only entries about what has this name"),
    QueryParameter(
        "sort",
        "With `-timestamp`, the newest first, also those without a seal",
        or_blank(one_of(OLDEST_FIRST, NEWEST_FIRST)),
    ),
)


@api.get("audit", answers="AuditEntries", types=(HAL, NDJSON, CSV), query=_QUERY, refuses=(403,))
def index() -> Response:
    """List the entries of the audit log; as NDJSON or CSV, if that is asked for."""
    who = actor_or_refusal()
    if isinstance(who, Response):
        return who
    wanted = asked()
    with reading() as storage:
        found = audit_log.page(storage, who, wanted)
    return answer(found, wanted, request.accept_mimetypes.best_match([HAL, JSON, NDJSON, CSV]) or HAL)


@api.get("audit-seal", answers="AuditSeal")
def newest_seal() -> Hal:
    """Show the newest seal of the audit log."""
    with reading() as storage:
        newest = audit_log.newest_seal(storage)
    make = links()
    itself = {"self": make.to("audit-seal", "Newest seal"), "tally:audit-seals": make.to("audit-seals")}
    return {**(_sealed(newest) if newest else {"number": 0}), "_links": itself}


@api.get(
    "audit-seals",
    answers="AuditSeals",
    refuses=(403,),
    query=(
        QueryParameter(
            "after",
            "Number of the seal to go on after",
            {"type": "integer", "minimum": 0, "maximum": LARGEST_NUMBER},
        ),
    ),
)
def seals() -> Hal | Response:
    """List the seals of the audit log, each with what was sealed and with its entries as they are now."""
    who = actor_or_refusal()
    if isinstance(who, Response):
        return who
    audit_log.require_whole(who)
    after = whole_number(request.args.get("after", "0"), least=0, most=LARGEST_NUMBER)
    if after is None:
        raise ValidationError({"after": ["must be the number of a seal"]})
    with reading() as storage:
        found, is_more = audit_log.seals(storage, after)
    make = links()
    itself = {"self": make.to_query("audit-seals", "Seals", [("after", str(after))])}
    if is_more:
        last = str(found[-1].seal.number)
        itself["next"] = make.to_query("audit-seals", "Next page", [("after", last)])
    items = [
        {
            **_sealed(each.seal),
            "hashes": each.seal.hashes(),
            "entries": [represent(one) for one in each.entries],
        }
        for each in found
    ]
    return collection("seals", items, links=itself)


def answer(found: EntryPage, wanted: AskedEntries, content_type: str) -> Response:
    """Return a page of entries in a format; what has no place for links has the next page in a header."""
    make = links()
    following = _following(make, found, wanted)
    if content_type in {HAL, JSON}:
        given = list(request.args.items(multi=True))
        itself = make.to_query("audit", "Audit log", given) if given else make.to("audit", "Audit log")
        more = {"next": {"href": following, "title": "Next page"}} if following else {}
        found_links = {"self": itself, **more, "curies": make.curies("audit")}
        return jsonify(collection("entries", [represent(each) for each in found.entries], links=found_links))
    make_text = _csv if content_type == CSV else _ndjson
    response = Response(make_text(found.entries), content_type=f"{content_type};charset=utf-8")
    if content_type == CSV:
        response.headers["Content-Disposition"] = 'attachment; filename="audit.csv"'
    if following:
        response.headers["Link"] = f'<{following}>; rel="next"'
    return response


def represent(entry: Entry) -> Hal:
    """Return what the API says of an entry."""
    document = {name: value for name, value in entry.to_document().items() if value is not None}
    return document if entry.seal is None else {**document, "seal": entry.seal}


def _following(make: Links, found: EntryPage, wanted: AskedEntries) -> str:
    if not found.following:
        return ""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name not in {"from", "size"}]
    query = [*kept, ("from", found.following), ("size", str(wanted.size))]
    return f"{make.href('audit')}?{urlencode(query)}"


def _sealed(seal: Seal) -> dict[str, Any]:
    return {name: value for name, value in seal.to_document().items() if value is not None}


def _ndjson(entries: Sequence[Entry]) -> bytes:
    return b"".join(orjson.dumps(represent(entry)) + b"\n" for entry in entries)


def _csv(entries: Sequence[Entry]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(CSV_COLUMNS)
    writer.writerows([harmless(cell) for cell in csv_row(entry)] for entry in entries)
    return text.getvalue()


def csv_row(entry: Entry) -> list[Any]:
    """Return the cells of an entry, in the order of CSV_COLUMNS."""
    document = entry.to_document()
    details = [None if found is None else found.decode() for found in (entry.before, entry.after)]
    return [
        *(entry.uuid, document["at"], entry.actor_name, entry.actor_kind, entry.actor_uuid, entry.via),
        *(entry.address, entry.action, entry.subject_kind, entry.subject_name, entry.team, entry.outcome),
        *(*details, entry.request_id, entry.seal),
    ]
