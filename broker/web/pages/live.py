"""Events that tell a page that what it shows has changed: the page then asks for itself again."""

from flask import Response, request

from broker.domain.errors import NotFoundError
from broker.services.pacticipants import pacticipants
from broker.web.asked_by_gateway import WATCH
from broker.web.context import reading
from broker.web.pages.page import blueprint
from broker.web.routes import rule

MOST_NAMES = 2
"""A consumer and a provider."""
_NO_ROOM = "No more pages may listen for changes at the moment. Reload to see them."


@blueprint.get(rule("live"))
def live() -> Response:
    """Begin the events of changes, of the applications that the parameters `of` name or of all."""
    ids = _ids(request.args.getlist("of")[:MOST_NAMES])
    watch = request.environ.get(WATCH)
    if watch is None or not watch(ids):
        return Response(_NO_ROOM, 503, {"Retry-After": "60"}, content_type="text/plain;charset=utf-8")
    return Response(
        status=200,
        # X-Accel-Buffering: a proxy would keep events until it has many.
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        content_type="text/event-stream;charset=utf-8",
    )


def _ids(names: list[str]) -> frozenset[int] | None:
    if not names:
        return None
    with reading() as storage:
        found = pacticipants.ids_of(storage, names)
    if missing := [name for name in names if name not in found]:
        raise NotFoundError(f"No pacticipant with name '{missing[0]}' found")
    return frozenset(found.values())
