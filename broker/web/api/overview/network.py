"""Who depends on whom, as CSV for diagrams (reference §11.3)."""

import csv
import io
from collections.abc import Iterable

from flask import Response, request

from broker.domain.errors import ValidationError
from broker.domain.pacticipants.integration import Cells, group, rows
from broker.services.pacticipants import integrations, pacticipants
from broker.web.context import reading
from broker.web.description.operation import QueryParameter
from broker.web.resource import ApiResource

api = ApiResource("network", __name__)


@api.get("relationships", extension=".csv", types=("text/csv",))
def relationships() -> Response:
    """Show all applications that have an integration."""
    with reading() as storage:
        found = integrations.page_of(storage)
    return _csv(rows(found.items))


@api.get(
    "group",
    extension=".csv",
    types=("text/csv",),
    query=(
        QueryParameter(
            "maxPacticipants", "Maximum number of applications", {"type": "integer", "minimum": 1}
        ),
    ),
)
def connected(pacticipant: str) -> Response:
    """Show an application and what is connected to it."""
    limit = _limit()
    with reading() as storage:
        known = pacticipants.find(storage, pacticipant)
        found = integrations.page_of(storage)
    return _csv(rows(group(found.items, known.name, limit), alone=known.name))


def _limit() -> int | None:
    text = request.args.get("maxPacticipants")
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and int(text[:9]) > 0):
        raise ValidationError({"maxPacticipants": ["must be an integer greater than or equal to 1"]})
    return int(text[:9])


def _csv(lines: Iterable[Cells]) -> Response:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(lines)
    return Response(text.getvalue(), content_type="text/csv;charset=utf-8")
