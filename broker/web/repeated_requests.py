"""Answer a request with an Idempotency-Key: carry it out, or give the answer of the first time again."""

import zlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
from flask import Response, current_app
from werkzeug.exceptions import Conflict, HTTPException

from broker.domain.errors import Refusal, StateRuleError
from broker.storage.idempotency_keys import KeptAnswer, KeyedRequest, KnownRequest
from broker.web import idempotency, parsing, problems
from broker.web.content_types import HAL
from broker.web.context import asker, database, known_accounts, links, settings
from broker.web.idempotency import HEADER, ClaimedError

REPLAYED = "Idempotency-Replayed"
LARGEST_ANSWER = 1024 * 1024
"""Bytes of an answer that may be kept, before it is compressed."""
LARGEST_KEPT = 65_536
TIME_TO_ANSWER = timedelta(seconds=5)
"""How much longer than an attempt to send a webhook it may take until its answer is stored."""
_TOO_LARGE = (
    "This request was carried out before. Its answer was too large to be kept: look at what it stored."
)
_SHOWN_ONCE = (
    "This request was carried out before. Its answer had a secret, which is shown once and kept nowhere: to "
    "have another one, send the request with another key."
)
_UNKNOWN = (
    "The request with this Idempotency-Key was begun, and what came of it is not known. To do it again, send "
    "it with another key."
)
"""What is kept of an answer with a secret in it."""
_UNDER_WAY = "The request with this Idempotency-Key is being carried out. Try again in a moment."


def answered_once(view: Callable[[], Any]) -> Any:
    """Return what *view* answers, which is kept with what it stores; for a repeated request, what was kept.

    Raises StateRuleError (422) when the key was given to another request. A refusal is not kept.
    """
    if not idempotency.is_given():
        return view()
    keyed = idempotency.keyed_request(asker(), parsing.body)
    if answer := _known_answer(keyed):
        return answer
    try:
        return _carried_out(keyed, view)
    except ClaimedError:
        return _known_answer(keyed) or _conflict(_UNDER_WAY, seconds=1)
    except (Refusal, HTTPException):
        # Perhaps because of what the first request has stored since it was looked for.
        if answer := _known_answer(keyed):
            return answer
        raise


def _carried_out(keyed: KeyedRequest, view: Callable[[], Any]) -> Response:
    with idempotency.run(keyed) as run:
        response = current_app.make_response(view())
        if run.storage is not None:
            run.storage.idempotency_keys.keep(keyed.digest, _kept(response))
    if run.storage is not None and run.storage.asking.access_changed_at is not None:
        known_accounts().forget()  # once more: only now is the change committed
    if run.is_begun:
        _keep(keyed, response)
    if run.finish is not None:
        response = current_app.make_response(run.finish())
        _keep(keyed, response)
    return response


def _keep(keyed: KeyedRequest, response: Response) -> None:
    database().write(lambda storage: storage.idempotency_keys.keep(keyed.digest, _kept(response)))


def _kept(response: Response) -> KeptAnswer:
    if response.cache_control.no_store:  # it has a secret, such as a new token
        return KeptAnswer(response.status_code, None, response.headers.get("Location"), None)
    content = response.get_data()
    body = zlib.compress(content) if len(content) <= LARGEST_ANSWER else None
    if body is not None and len(body) > LARGEST_KEPT:
        body = None
    headers = response.headers
    return KeptAnswer(response.status_code, headers.get("Content-Type"), headers.get("Location"), body)


def _known_answer(keyed: KeyedRequest) -> Response | None:
    """Return the answer to a request whose key is known; None when it is not. Raises StateRuleError."""
    with database().reading() as storage:
        known = storage.idempotency_keys.find(keyed.digest)
    if known is None:
        return None
    if known.request_digest != keyed.request_digest:
        other = f"was given to another request before ({known.method} {known.path})"
        raise StateRuleError({HEADER: [f"{other}. Repeat a request as it was, or give it another key"]})
    return _without_answer(known) if known.answer is None else _again(known.answer)


def _again(kept: KeptAnswer) -> Response:
    response = Response(status=kept.status)
    if kept.body is not None:
        response.set_data(zlib.decompress(kept.body))
        response.headers["Content-Type"] = kept.content_type or ""
    else:
        text = _SHOWN_ONCE if kept.content_type is None else _TOO_LARGE
        notices = [{"type": "warning", "text": text}]
        response.set_data(orjson.dumps({"notices": notices, "_links": {"self": {"href": links().base}}}))
        response.headers["Content-Type"] = f"{HAL};charset=utf-8"
    if kept.location is not None:
        response.headers["Location"] = kept.location
    response.headers[REPLAYED] = "true"
    return response


def _without_answer(known: KnownRequest) -> Response:
    longest = timedelta(seconds=settings().webhook_timeout) + TIME_TO_ANSWER
    return _conflict(_UNDER_WAY, seconds=1) if known.age < longest else _conflict(_UNKNOWN, seconds=None)


def _conflict(message: str, *, seconds: int | None) -> Response:
    response = problems.failed(Conflict(message))
    if seconds is not None:
        response.headers["Retry-After"] = str(seconds)
    return response
