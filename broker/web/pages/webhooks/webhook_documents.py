"""The form of a webhook -> the document that the API takes, and back: so both have the same rules."""

from typing import Any

from broker.domain.webhooks.redaction import redacted
from broker.domain.webhooks.webhook import DEFAULT_EVENTS, WebhookDescription
from broker.web.pages.forms import Form
from tally.errors import InvalidContractError
from tally.hashing import parse_exactly
from tally.json_text import indented

HEADERS = "request.headers"
WHOLE_BROKER = "*"
"""What the field of the team has for webhooks of no team; empty is as it is, or the author's only team."""


def document(form: Form) -> dict[str, Any]:
    """Return what the form says. What cannot be part of a document is there as it is, to be refused."""
    request = {
        "method": form.text("request.method") or None,
        "url": form.text("request.url") or None,
        "headers": _headers(form.text(HEADERS)),
        "body": _body(form.text("request.body")),
        "username": form.text("request.username") or None,
        "password": form.text("request.password") or None,
    }
    return {
        "description": form.text("description").strip() or None,
        "enabled": form.has("enabled"),
        "consumer": _criterion(form, "consumer"),
        "provider": _criterion(form, "provider"),
        "events": [{"name": name} for name in form.all("events")],
        "signingSecret": form.text("signingSecret") or None,
        **_team(form),
        "request": {name: value for name, value in request.items() if value is not None},
    }


def wrong_lines(form: Form) -> list[str]:
    """Return what is wrong with the lines of the headers."""
    lines = enumerate(form.text(HEADERS).split("\n"), 1)
    return [
        f"line {number} must be 'Name: value'" for number, line in lines if line.strip() and ":" not in line
    ]


def begun(form: Form, what: WebhookDescription | None, team: str | None) -> Form:
    """Return the form as it is opened: with what is stored, and whose it is, or for a new webhook."""
    if what is None:
        return form.begun_with(
            enabled="on", events=[event.value for event in DEFAULT_EVENTS], **{"request.method": "POST"}
        )
    request = redacted(what.request)
    body = request.body
    return form.begun_with(
        enabled="on" if what.enabled else None,
        description=what.description,
        events=[event.value for event in what.events],
        signingSecret=what.signing_secret,
        team=team,
        **{
            "consumer.name": what.consumer.name,
            "consumer.label": what.consumer.label,
            "provider.name": what.provider.name,
            "provider.label": what.provider.label,
            "request.method": request.method,
            "request.url": request.url,
            HEADERS: "\n".join(f"{name}: {value}" for name, value in request.headers.items()),
            "request.body": "" if body is None else body if isinstance(body, str) else indented(body),
            "request.username": request.username,
        },
    )


def _team(form: Form) -> dict[str, str | None]:
    """Return whose the webhook is to be; nothing if the form does not say it."""
    team = form.text("team").strip()
    if team == WHOLE_BROKER:
        return {"team": None}
    return {"team": team} if team else {}


def _criterion(form: Form, role: str) -> dict[str, str] | None:
    given = {key: form.text(f"{role}.{key}").strip() for key in ("name", "label")}
    return {key: value for key, value in given.items() if value} or None


def _headers(text: str) -> dict[str, str] | None:
    pairs = (line.partition(":") for line in text.split("\n") if ":" in line)
    return {name.strip(): value.strip() for name, _, value in pairs} or None


def _body(text: str) -> Any:
    """Return the body: JSON that can be read as such, and any other text as it is."""
    if not text.strip():
        return None
    if text.lstrip()[0] in "{[":
        try:
            return parse_exactly(text.encode())
        except InvalidContractError:
            return text
    return text
