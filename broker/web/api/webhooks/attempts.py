"""What came of executing a webhook at once, as JSON (reference §10.1)."""

from urllib.parse import urlsplit

import orjson

from broker.domain.webhooks.delivery_log import HIDDEN
from broker.domain.webhooks.redaction import STARS, is_sensitive
from broker.services.webhooks.deliver import Attempt
from broker.settings import Settings
from broker.web.hal import Hal, Links, resource
from tally.errors import InvalidContractError
from tally.hashing import compact_json, parse_json


def represent_attempt(made: Attempt, settings: Settings, links: Links, *, uuid: str | None) -> Hal:
    """Return what came of executing a webhook; details of the answer only if hosts are listed."""
    found: Hal = {"webhook": {"href": links.href("webhook", uuid=uuid)}} if uuid else {}
    again = ("execute-webhook", {"uuid": uuid}) if uuid else ("execute-unsaved-webhook", {})
    found["try-again"] = {**links.to(again[0], **again[1]), "title": "Execute it again"}
    shows = bool(settings.webhook_host_whitelist)
    return resource(
        {
            "request": _sent(made),
            "response": _answered(made) if shows else None,
            "error": {"message": made.error} if made.error else None,
            "message": None if shows or made.answer is None else HIDDEN,
            "logs": made.log.text,
            "success": made.success,
        },
        links=found,
    )


def _sent(made: Attempt) -> Hal | None:
    if made.outgoing is None:
        return None
    path = urlsplit(made.outgoing.url)._replace(scheme="", netloc="").geturl() or "/"
    return {
        "method": made.outgoing.method,
        "url": made.log.without_secrets(path),
        "headers": {
            name: STARS if is_sensitive(name) else made.log.without_secrets(value)
            for name, value in made.outgoing.headers.items()
        },
        "body": _json_or_text(made.log.without_secrets(made.outgoing.body.decode("utf-8", "replace"))),
    }


def _answered(made: Attempt) -> Hal | None:
    if made.answer is None:
        return None
    return {
        "status": made.answer.status,
        "headers": {name: made.log.without_secrets(value) for name, value in made.answer.headers.items()},
        "body": _json_or_text(made.log.without_secrets(made.answer.body.decode("utf-8", "ignore"))),
    }


def _json_or_text(text: str) -> object:
    """Return JSON as it is, whatever its numbers; anything else as a string."""
    try:
        return orjson.Fragment(compact_json(parse_json(text.encode())))
    except InvalidContractError:
        return text
