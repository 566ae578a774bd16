"""The result of executing a webhook at once, as JSON (reference §10.1)."""

from urllib.parse import urlsplit

import orjson

from broker.domain.webhooks.delivery_log import HIDDEN
from broker.services.webhooks.deliver import Attempt
from broker.settings.settings import Settings
from broker.web.hal import Hal, Links, resource
from tally.errors import InvalidContractError
from tally.hashing import compact_json, parse_exactly


def represent_attempt(attempt: Attempt, settings: Settings, links: Links, *, uuid: str | None) -> Hal:
    """Return the result of executing a webhook; with the response only if the settings list allowed hosts."""
    found: Hal = {"webhook": {"href": links.href("webhook", uuid=uuid)}} if uuid else {}
    again = ("execute-webhook", {"uuid": uuid}) if uuid else ("execute-unsaved-webhook", {})
    found["try-again"] = {**links.to(again[0], **again[1]), "title": "Execute it again"}
    shows = bool(settings.webhook_host_whitelist)
    return resource(
        {
            "request": _sent(attempt),
            "response": _answered(attempt) if shows else None,
            "error": {"message": attempt.error} if attempt.error else None,
            "message": None if shows or attempt.response is None else HIDDEN,
            "logs": attempt.log.text,
            "success": attempt.success,
        },
        links=found,
    )


def _sent(attempt: Attempt) -> Hal | None:
    if attempt.request is None:
        return None
    path = urlsplit(attempt.request.url)._replace(scheme="", netloc="").geturl() or "/"
    return {
        "method": attempt.request.method,
        "url": attempt.log.without_secrets(path),
        "headers": {name: attempt.log.header(name, value) for name, value in attempt.request.headers.items()},
        "body": _json_or_text(attempt.log.without_secrets(attempt.request.body.decode("utf-8", "replace"))),
    }


def _answered(attempt: Attempt) -> Hal | None:
    if attempt.response is None:
        return None
    return {
        "status": attempt.response.status,
        "headers": {
            name: attempt.log.header(name, value) for name, value in attempt.response.headers.items()
        },
        "body": _json_or_text(attempt.log.without_secrets(attempt.response.body.decode("utf-8", "ignore"))),
    }


def _json_or_text(text: str) -> object:
    """Return JSON as it is, whatever its numbers; anything else as a string."""
    try:
        return orjson.Fragment(compact_json(parse_exactly(text.encode())))
    except InvalidContractError:
        return text
