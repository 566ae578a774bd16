"""From refusals and errors to statuses and bodies, in one table (reference §1.6)."""

import logging
from http import HTTPStatus
from typing import Any

import orjson
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from broker.domain import errors
from broker.domain.accounts.id_token import IdTokenError
from broker.logs import OnceAMinute
from broker.storage.elsewhere import ContentStoreError
from broker.storage.failures import DatabaseFailure, failure_of
from broker.web import idempotency
from broker.web.content_types import PROBLEM
from broker.web.context import actor, ask_no_more, audit_log, links, render_error, write_probe
from broker.web.paths import wants_page
from broker.web.request_ids import request_id
from broker.web.wellformed import ControlCharacterError, EmptyPartError

logger = logging.getLogger("broker")


class MalformedBodyError(errors.Refusal):
    """The body cannot be read at all; the text says where."""


STATUS: dict[type[errors.Refusal], int] = {
    MalformedBodyError: 400,
    errors.ValidationError: 400,
    errors.MatrixSelectorError: 400,
    IdTokenError: 401,
    errors.ForbiddenError: 403,
    errors.NotFoundError: 404,
    errors.ContentConflictError: 409,
    errors.NotDeployableError: 409,
    errors.SimilarNamesError: 409,
    errors.ContractsConflictError: 409,
    errors.StateRuleError: 422,
}
_WITHOUT_BODY = {406, 415}
_SERVER_ERROR = "problems/server-error"  # so does the Pact Broker call what it has no name for
_KINDS: dict[
    type[HTTPException], str
] = {  # of answers that are problems whatever is asked for (reference §1.1)
    EmptyPartError: "problems/not-found",
    ControlCharacterError: "problems/invalid-request-parameter-value",
}
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}
_TITLES = {422: "Unprocessable", 500: "Server error"}
_OUT_OF_ORDER = {
    DatabaseFailure.AWAY: (503, "The database does not answer. Try again in a moment"),
    DatabaseFailure.LOST: (
        503,
        "The database went away while it stored this. Look whether it is there before you send it again",
    ),
    DatabaseFailure.READ_ONLY: (503, "The database takes no changes at the moment. Try again in a moment"),
    DatabaseFailure.CONFLICT: (
        503,
        "Others changed the same again and again. Nothing was stored. Try again in a moment",
    ),
    DatabaseFailure.FULL: (
        507,
        "The database is full, and nothing was stored. Make room on its disk, and try again",
    ),
    DatabaseFailure.GONE: (
        503,
        "The file of the database was removed or replaced. Stop the broker, put the file back, and start it",
    ),
}
_NOTHING = "Nothing is at this address. Start at the index and follow its links."


def install(app: Flask) -> None:
    """Make the application answer every error in the Pact Broker's shapes."""
    app.register_error_handler(errors.Refusal, refused)
    app.register_error_handler(HTTPException, failed)
    app.register_error_handler(Exception, broken)


def refused(refusal: errors.Refusal) -> Response:
    """Answer a refusal of the domain. What somebody who is known may not do is in the audit log."""
    if isinstance(refusal, errors.PermissionDeniedError):
        audit_log().refused(actor())
    status = status_of(refusal)
    if wants_page(request.environ):
        return render_error(str(refusal), status)
    if PROBLEM in request.headers.get("Accept", "") and not _is_of_the_peer():
        return _answer(_problem(refusal, status), status, PROBLEM)
    if isinstance(refusal, errors.SimilarNamesError):
        return Response(str(refusal), status, content_type="text/plain;charset=utf-8")
    if isinstance(refusal, errors.ContractsConflictError):
        return _answer(_notices(refusal), status, "application/json")
    body = getattr(refusal, "errors", None)
    return _answer({"error": str(refusal)} if body is None else {"errors": body}, status)


def status_of(refusal: errors.Refusal) -> int:
    """Return the status of the answer to a refusal."""
    return next(STATUS[kind] for kind in type(refusal).__mro__ if kind in STATUS)


def _is_of_the_peer() -> bool:
    """Whether PactFlow's command asks: it accepts problems as such, but shows nobody what they say."""
    return (request.endpoint or "").startswith("provider_contracts.")


def failed(error: HTTPException) -> Response:
    """Answer an HTTP error: unknown routes and methods, wrong types, bodies that are too large."""
    if isinstance(error, RequestRedirect):
        return Response(status=error.code, headers={"Location": error.new_url})
    status = error.code or 500
    if isinstance(error, MethodNotAllowed):
        return _without_method(error)
    if status in _WITHOUT_BODY:
        return _bare(status)
    is_unknown = error.description == NotFound.description
    message = _NOTHING if is_unknown else str(error.description)
    if wants_page(request.environ):
        return render_error(message, status)
    if PROBLEM in request.headers.get("Accept", "") or type(error) in _KINDS:
        kind = _KINDS.get(type(error), _SERVER_ERROR)
        return _answer(_problem_of(message, status, kind=kind), status, PROBLEM)
    return _answer({"error": message}, status, "application/json")


def _without_method(error: MethodNotAllowed) -> Response:
    if request.method not in _METHODS:
        return _bare(501)
    return _bare(405, {"Allow": ", ".join(sorted(error.valid_methods or ()))})


def _bare(status: int, headers: dict[str, str] | None = None) -> Response:
    """Return an answer without a body, which has no type then."""
    response = Response(status=status, headers=headers)
    del response.headers["Content-Type"]
    return response


def broken(error: Exception) -> Response:
    """Answer an unexpected error, with a reference that the log has too."""
    if failure := failure_of(error):
        return _out_of_order(failure, error)
    if isinstance(error, ContentStoreError):
        return _without_content(error)
    reference = request_id()
    logger.error("Unexpected error, reference %s", reference, exc_info=error)
    message = (
        f"An unexpected error occurred. The broker's log has the details under the reference {reference}"
    )
    return _server_error(message, 500)


def _without_content(error: ContentStoreError) -> Response:
    """Answer that a content is not there: for now, or until somebody repairs it."""
    if error.is_temporary:
        if _warned.is_time(type(error)):
            logger.warning("%s", error)
        return _later(str(error), HTTPStatus.SERVICE_UNAVAILABLE)
    logger.error("%s (reference %s)", error, request_id())
    return _server_error(str(error), HTTPStatus.INTERNAL_SERVER_ERROR)


def _out_of_order(failure: DatabaseFailure, error: Exception) -> Response:
    """Answer that the request is valid, and may succeed a moment later."""
    status, message = _OUT_OF_ORDER[failure]
    if failure is DatabaseFailure.LOST and idempotency.is_given():
        message = "The database went away while it stored this. Send it again with the same Idempotency-Key"
    warn(error)
    if failure in {DatabaseFailure.FULL, DatabaseFailure.READ_ONLY}:
        write_probe().note(error)
    if wants_page(request.environ):
        ask_no_more()
    return _later(message, status)


def _later(message: str, status: int) -> Response:
    response = _server_error(message, status)
    response.headers["Retry-After"] = "1"
    return response


def _server_error(message: str, status: int) -> Response:
    if wants_page(request.environ):
        return render_error(message, status)
    if PROBLEM in request.headers.get("Accept", ""):
        return _answer(_problem_of(message, status), status, PROBLEM)
    return _answer({"error": {"message": message, "reference": request_id()}}, status)


def warn(error: BaseException) -> None:
    """Log a failure of the database, once a minute: every request meets it."""
    failure = failure_of(error)
    if failure and _warned.is_time(failure):
        logger.warning("%s: %s", _OUT_OF_ORDER[failure][1], str(error).partition("\n")[0])


_warned = OnceAMinute()


def _notices(refusal: errors.ContractsConflictError) -> dict[str, Any]:
    notices = [{"type": notice.type, "text": notice.text} for notice in refusal.notices]
    return {
        "notices": notices,
        "errors": {"contracts": [notice["text"] for notice in notices if notice["type"] == "error"]},
    }


def _problem(refusal: errors.Refusal, status: int) -> dict[str, Any]:
    base = links().base
    if isinstance(refusal, errors.NotFoundError):
        return _problem_of(str(refusal), status, title="Not found", kind="problem/not-found")
    if isinstance(refusal, errors.ContractsConflictError):
        # What clients print: it is in this form of the answer as well.
        return _problem_of(str(refusal), status) | _notices(refusal)
    found = getattr(refusal, "errors", None)
    if found is None:
        return _problem_of(str(refusal), status)
    return {
        "title": "Validation errors",
        "type": f"{base}/problems/validation-error",
        "status": status,
        "instance": "/",
        "errors": _items(refusal, found, base),
    }


def _items(refusal: errors.Refusal, found: Any, base: str) -> list[dict[str, str]]:
    if isinstance(refusal, errors.PathError):
        by_name = refusal.errors.items()
        return [_path_item(name, message, base) for name, messages in by_name for message in messages]
    by_field = found if isinstance(found, dict) else {None: found}
    return [_item(field, message, base) for field, messages in by_field.items() for message in messages]


def _path_item(name: str, message: str, base: str) -> dict[str, str]:
    kind = f"{base}/problems/invalid-request-parameter-value"
    return {"type": kind, "title": "Invalid path parameter", "detail": message, "parameter": name}


def _item(field: str | None, message: str, base: str) -> dict[str, str]:
    kind = "invalid-body-property-value"
    if "missing" in message:
        kind = "missing-body-property"
    elif "format" in message:
        kind = "invalid-body-property-format"
    item = {"type": f"{base}/problems/{kind}", "title": "Invalid body parameter", "detail": message}
    return item if field is None else {**item, "pointer": "/" + field.replace(".", "/")}


def _problem_of(
    detail: str, status: int, *, title: str | None = None, kind: str = _SERVER_ERROR
) -> dict[str, Any]:
    problem = {
        "title": title or _TITLES.get(status) or HTTPStatus(status).phrase,
        "type": f"{links().base}/{kind}",
        "detail": detail,
        "status": status,
    }
    is_of_the_server = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return problem | {"reference": request_id()} if is_of_the_server else problem


def _answer(body: dict[str, Any], status: int, content_type: str = "application/hal+json") -> Response:
    return Response(orjson.dumps(body), status, content_type=content_type + ";charset=utf-8")
