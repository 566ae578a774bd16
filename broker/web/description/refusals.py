"""What every operation may refuse, and how: statuses with the content types that are really answered."""

from collections.abc import Iterable
from typing import Any

from broker.web.content_types import HAL, JSON, PLAIN, PROBLEM
from broker.web.description.notation import TEXT, WHOLE, Schema, schema
from broker.web.description.operation import ApiOperation
from broker.web.lengths import STORING

Document = dict[str, Any]
_RETRY_AFTER = {"Retry-After": {"description": "Seconds to wait", "schema": WHOLE}}
_ERROR_BY_FIELD_OR_SENTENCE = {HAL: schema("Error"), JSON: schema("Error")}
_STATE_RULE = "StateRule"
"""The name of the answer 422 of operations that have such rules."""
_REFUSALS: dict[str, tuple[str, dict[str, Schema]]] = {
    "400": ("The request is malformed; the body names the field", _ERROR_BY_FIELD_OR_SENTENCE),
    "401": ("Credentials are missing, wrong, or may only read; the body says which", {JSON: schema("Error")}),
    "403": (
        "The settings of the broker do not allow this, or the page of another site asks for it",
        {HAL: schema("Error")},
    ),
    "404": ("The resource does not exist", _ERROR_BY_FIELD_OR_SENTENCE),
    "406": ("The client does not accept UTF-8", {}),
    "408": ("The body did not come in time", {PLAIN: TEXT}),
    "409": (
        "The request conflicts with what is stored",
        {HAL: schema("Conflict"), JSON: schema("Conflict"), PLAIN: TEXT},
    ),
    "412": ("The condition in If-Match or If-None-Match does not hold", {JSON: schema("Error")}),
    "413": ("The body is too large", {JSON: schema("Error")}),
    "415": ("The content type of the body is not supported", {}),
    "422": ("The path has a line break or another control character", {PROBLEM: schema("Problem")}),
    _STATE_RULE: ("The change is not possible, or the path has a control character", {HAL: schema("Error")}),
    "429": ("Too many wrong passwords", {JSON: schema("Error")}),
    "500": ("An unexpected error; the broker's log has the details", {HAL: schema("Error")}),
    "503": ("The broker or its database is busy, or away", {**_ERROR_BY_FIELD_OR_SENTENCE, PLAIN: TEXT}),
    "507": ("The disk of the database is full, and nothing was stored", {HAL: schema("Error")}),
}
_ALSO_PROBLEMS = _REFUSALS.keys() - {"408", "422"}
"""What has a problem as its body for clients whose Accept names application/problem+json."""
_WITH_RETRY_AFTER = {"429", "503", "507"}


def components() -> Document:
    """Return the refusals as responses of the document, by the names that `references` uses."""
    return {name: _refusal(name) for name in _REFUSALS}


def references(statuses: Iterable[int], *, names: dict[int, str] | None = None) -> Document:
    """Return references to the refusals with these statuses; *names* has those with another name."""
    named = names or {}
    return {
        str(status): {"$ref": f"#/components/responses/{named.get(status, status)}"} for status in statuses
    }


def of_operation(operation: ApiOperation, method: str, *, in_path: bool) -> Document:
    """Return what an operation may refuse; *in_path* says whether its path has variables."""
    statuses = {400, 500, 503, *operation.refuses} | ({422} if in_path else set())
    if method == "OPTIONS":
        return references(statuses)
    statuses |= {404, 406} if in_path else {406}
    if method != "GET":
        statuses |= {403, 409, 422, 507}  # 409 and 422 because of its Idempotency-Key
    if method in STORING and operation.takes is not None:
        statuses |= {408, 413, 415}
    if method in {"GET", "PUT", "PATCH", "DELETE"}:
        statuses.add(412)
    return references(statuses, names=None if method == "GET" else {422: _STATE_RULE})


def _refusal(name: str) -> Document:
    description, content = _REFUSALS[name]
    answer: Document = {"description": description}
    if content:
        kinds = {**content, **({PROBLEM: schema("Problem")} if name in _ALSO_PROBLEMS else {})}
        answer["content"] = {kind: {"schema": shape} for kind, shape in kinds.items()}
    if name in _WITH_RETRY_AFTER:
        answer["headers"] = _RETRY_AFTER
    return answer
