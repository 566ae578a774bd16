"""What a receiver answered, in words, and what to do about it."""

from http import HTTPStatus

from broker.domain.webhooks.delivery_log import body_of_answer
from broker.domain.webhooks.secret_texts import starred
from tally.errors import InvalidContractError
from tally.hashing import parse_json

LONGEST = 120
"""Characters of what the receiver says for people."""
_MESSAGES = ("message", "error_description", "error", "detail", "title", "reason", "msg", "description")
_ADVICE = {
    301: "The receiver has moved. Give the address that it redirects to.",
    400: "The receiver does not understand the request. Compare the body with what it asks for.",
    401: "The receiver does not accept the credentials. Give it a new token or password.",
    403: "The receiver does not allow this. Look what the token, or the user, may do there.",
    404: "Nothing is at this address. Look whether it was moved, or whether the token may see it.",
    405: "The receiver does not take this method at this address. Change one of them.",
    407: "The proxy asks for a password. Add it to TALLY_WEBHOOK_PROXY.",
    408: "The receiver was too slow. Ask its owner, or raise TALLY_WEBHOOK_TIMEOUT.",
    410: "The receiver is gone. Delete the webhook, or give it a new address.",
    413: "The body is too large for the receiver. Send less of it.",
    415: "The receiver takes another type of content. Change the header Content-Type.",
    422: "The receiver understands the request, but not its values. Compare the body with what it asks for.",
    429: "The receiver gets too many requests. It is tried again later; ask its owner for a higher limit.",
}
_OF_THE_RECEIVER = (
    "The receiver has an error of its own. Ask its owner; what failed can be sent again afterwards."
)
_OF_ERRORS = (
    (
        "is not in TALLY_WEBHOOK_HOST_WHITELIST",
        "Add the host to TALLY_WEBHOOK_HOST_WHITELIST, or change the address.",
    ),
    ("which is not public", "Add the host to TALLY_WEBHOOK_HOST_WHITELIST, if the broker may reach it."),
    (
        "cannot be looked up",
        "The name has no address. Look for a mistake in it, and whether the broker's DNS knows it.",
    ),
    (
        "certificate",
        "The broker does not trust the receiver's certificate. Add it to TALLY_WEBHOOK_CERTIFICATES.",
    ),
    ("There is no secret", "Create the secret, or change the webhook so that it needs none."),
    (
        "TALLY_SECRETS_KEY",
        "Give the broker the key in TALLY_SECRETS_KEY, or give the webhook all values anew.",
    ),
    (
        "no complete answer within",
        "The receiver was too slow. Ask its owner, or raise TALLY_WEBHOOK_TIMEOUT.",
    ),
    ("webhook was deleted", "The webhook was deleted before this was sent."),
)
_UNREACHABLE = (
    "The receiver could not be reached. Look whether it runs, and whether the broker may connect to it."
)


def in_words(answer: str, log: str | None = None) -> str:
    """Return an answer with what the receiver said, if the *log* has it: "401 Bad credentials"."""
    status = _status(answer)
    if status is None:
        return starred(answer)
    said = _said(body_of_answer(log)) if log else ""
    return f"{status} {said or _phrase(status)}".strip()


def advice(answer: str) -> str:
    """Return what to do about an answer that counts as a failure."""
    status = _status(answer)
    if status is None:
        return next((text for part, text in _OF_ERRORS if part in answer), _UNREACHABLE)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _OF_THE_RECEIVER
    if status in _ADVICE:
        return _ADVICE[status]
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return _ADVICE[301]
    return _ADVICE[400] if status >= HTTPStatus.BAD_REQUEST else "This status counts as no success."


def _status(answer: str) -> int | None:
    return int(answer) if answer.isascii() and answer.isdecimal() and len(answer) == 3 else None  # noqa: PLR2004 - digits of a status


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else ""


def _said(body: str) -> str:
    """Return what the body of an answer says to people, on one line; "" when that cannot be told."""
    try:
        document = parse_json(body.encode())
    except InvalidContractError:
        document = body if not body.lstrip().startswith(("<", "{", "[")) else None
    if isinstance(document, dict):
        document = next((document[name] for name in _MESSAGES if isinstance(document.get(name), str)), None)
    text = " ".join(document.split()) if isinstance(document, str) else ""
    return starred(text) if len(text) <= LONGEST else f"{starred(text)[: LONGEST - 1]}…"
