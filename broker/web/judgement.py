"""The judgement on a request by its headers, before its body is read: it may be large, and come slowly."""

from http import HTTPStatus

from flask import Response, current_app, request
from werkzeug.exceptions import LengthRequired, RequestEntityTooLarge, UnsupportedMediaType

from broker.domain import limits
from broker.web.asked_by_gateway import JUDGE
from broker.web.context import operations
from broker.web.paths import PAGES


def judge() -> Response | None:
    """Answer 100 when the body is worth reading; None when this is about the whole request.

    What is judged before this is the address, the credentials and the names in the path. Raises what the
    view would: NotFound, MethodNotAllowed, LengthRequired, RequestEntityTooLarge,
    UnsupportedMediaType.
    """
    if JUDGE not in request.environ:
        return None
    if request.routing_exception is not None:
        raise request.routing_exception
    operation = operations().get(request.endpoint or "")
    most = limits.FORM if request.path.startswith(PAGES) else current_app.config["MAX_CONTENT_LENGTH"]
    if operation is not None and operation.most_bytes:
        most = operation.most_bytes
        if request.content_length is None:
            raise LengthRequired
    if (request.content_length or 0) > most:
        raise RequestEntityTooLarge
    if operation is not None and operation.takes and request.mimetype not in operation.takes_types:
        raise UnsupportedMediaType
    return Response(status=HTTPStatus.CONTINUE)
