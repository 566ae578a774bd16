"""Creating webhooks: requests that the broker sends by itself, from then on."""

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, urlsplit

import orjson

from tally.assistants.answers import Answer, ToolError, quoted
from tally.assistants.names import application
from tally.assistants.publishing.plans import Confirmed, Plan, check_not_blank
from tally.assistants.sources.sources import Sources
from tally.broker_client import BrokerClient, Resource
from tally.commands.webhooks.definitions import EVENTS, definition
from tally.drafts.secrets import is_secret_name, redacted_json, without_secrets

Event = Literal[
    "contract_content_changed",
    "contract_published",
    "provider_verification_published",
    "provider_verification_failed",
    "provider_verification_succeeded",
    "contract_requiring_verification_published",
    "service_contract_published",
    "comparison_succeeded",
    "comparison_failed",
    "quality_gate_failed",
    "quality_gate_recovered",
]
_SECRET = re.compile(r"\$\{secret\.([^}]*)\}")
_PARAMETER = re.compile(r"\$\{[^}]*\}")
_SECRET_ADDRESSES = re.compile(
    r"(hooks\.slack\.com|discord(app)?\.com|api\.telegram\.org|\w[\w.-]*\.webhook\.office\.com)$",
    re.IGNORECASE,
)
"""Hosts of receivers whose address is a secret itself: whoever knows it may send messages."""
_MOST_COMPARED = 50
"""Webhooks that are looked at for one that is the same: each is a request."""


def create_webhook(  # noqa: PLR0913 - one for each thing that a webhook says
    sources: Sources,
    *,
    description: Annotated[str, "What it is for, as people read it."],
    url: Annotated[str, "Where the broker sends the request."],
    events: Annotated[tuple[Event, ...], "What triggers it; one at least."],
    method: Annotated[Literal["POST", "GET", "PUT", "PATCH", "DELETE"], "Method of the request."] = "POST",
    headers: Annotated[tuple[str, ...], "Headers, each as 'Name: value'."] = (),
    body: Annotated[str | None, "Body, with parameters such as ${pactbroker.pactUrl}."] = None,
    consumer: Annotated[str | None, "Only for contracts of this consumer."] = None,
    provider: Annotated[str | None, "Only for contracts of this provider."] = None,
    confirm: Confirmed = None,
) -> Answer:
    """Create a webhook: a request that the broker sends whenever one of the events happens.

    Without confirm it answers what the webhook would do. Secrets are refused in plain text, because what an
    assistant writes is kept in conversations: the user stores one (tally secrets set NAME --value-stdin), and
    the webhook uses it as ${secret.NAME}, for example in the header 'Authorization: Bearer ${secret.NAME}'.
    """
    check_not_blank(description=description, consumer=consumer, provider=provider)
    _check(url, events, headers, body)
    document = definition(url, _given(description, events, method, headers, body, consumer, provider))
    broker = sources.broker
    for field, name in (("consumer", consumer), ("provider", provider)):
        if name is not None:
            application(broker, name, field)
    _check_secrets(broker, [url, *headers, body or ""])
    listed = broker.follow(broker.index(), "pb:webhooks")
    plan = _plan(document, *_there_already(broker, listed, document))
    if not plan.is_confirmed(confirm):
        return plan.proposal("create_webhook")
    created = broker.post(broker.index().link("pb:webhooks").expand(), document)
    uuid = created.state.get("uuid") or created.link("self").href.rpartition("/")[2]
    return Answer(
        f"Done: created the webhook {quoted(description)} with the uuid {quoted(uuid)}.",
        {"it_would_send": _request_of(broker, created)},
        next=[
            f"To send it once: tally webhooks test {uuid} --send. To switch it off: tally webhooks disable."
        ],
        links={"webhook": created.link("self").href},
    )


def _given(
    description: str, events: Sequence[str], method: str, headers: Sequence[str], *others: str | None
) -> dict[str, Any]:
    body, consumer, provider = others
    return {
        "description": description,
        "team": None,  # the only team of whoever asks, or none
        "request": method,
        "header": tuple(headers),
        "data": body,
        "user": None,
        "consumer": consumer,
        "consumer_label": None,
        "provider": provider,
        "provider_label": None,
        **{name: name in events for name in EVENTS},
    }


def _check(url: str, events: Sequence[str], headers: Sequence[str], body: str | None) -> None:
    """Raise ToolError for secrets in plain text, and for what would read a file of the server."""
    if not events:
        raise ToolError(f"events: name one or more of {', '.join(EVENTS)}.")
    if body is not None and body.startswith("@"):
        raise ToolError("body: write the body itself; @FILE is not read here.")
    parts = _parts_of(url)
    if "@" in parts.netloc:
        raise ToolError("url: credentials do not belong in an address. Use a header with ${secret.NAME}.")
    places = [*_secrets_of_url(url), *_secrets_of_headers(headers), *_secrets_of_body(body)]
    if places:
        raise ToolError(
            f"{', '.join(places)}: this looks like a secret in plain text, which is not sent from here. "
            "The user stores it: tally secrets set NAME --value-stdin. Then write ${secret.NAME} for it."
        )


def _parts_of(url: str) -> Any:
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_address = False
    if not is_address:
        raise ToolError(
            f"url: {quoted(url.rpartition('@')[2])} is not an address, such as https://ci.example.org/x."
        )
    return parts


def _secrets_of_url(url: str) -> Iterator[str]:
    parts = urlsplit(url)
    named = any(
        value and is_secret_name(name) and not _PARAMETER.search(value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    )
    is_secret_itself = _SECRET_ADDRESSES.search(parts.hostname or "") and not _SECRET.search(url)
    if named or is_secret_itself or _is_changed(url):
        yield "url"


def _secrets_of_headers(headers: Sequence[str]) -> Iterator[str]:
    for header in headers:
        name, _, value = header.partition(":")
        is_plain = is_secret_name(name) and value.strip() and not _SECRET.search(value)
        if is_plain or _is_changed(value.strip()):
            yield f"headers ({quoted(name)})"


def _secrets_of_body(body: str | None) -> Iterator[str]:
    if body is None:
        return
    text = _PARAMETER.sub("", body)
    found: list[str] = []
    try:
        redacted_json(orjson.loads(text), found.append)
    except ValueError:
        found += ["text"] if _is_changed(body) else []
    if found:
        yield "body"


def _is_changed(text: str) -> bool:
    plain = _PARAMETER.sub("", text)
    return without_secrets(plain) != plain


def _check_secrets(broker: BrokerClient, texts: Sequence[str]) -> None:
    """Raise ToolError for a secret that the broker does not have."""
    used = {name.strip() for text in texts for name in _SECRET.findall(text)}
    if not used:
        return
    link = next(broker.index().links("tally:secrets"), None)
    if link is None:
        raise ToolError("This broker keeps no secrets, so that ${secret.NAME} cannot be used with it.")
    known = {item["name"] for item in broker.get(link.expand()).embedded("secrets")}
    for name in sorted(used - known):
        raise ToolError(
            f"The broker has no secret {quoted(name)}. The user stores it: "
            "tally secrets set NAME --value-stdin."
        )


def _plan(document: dict[str, Any], same: str | None, alike: str | None) -> Plan:
    request = document["request"]
    events = ", ".join(f"{event['name']} ({EVENTS[event['name']]})" for event in document["events"])
    who = [
        f"{role} {quoted(document[role]['name'])}" for role in ("consumer", "provider") if role in document
    ]
    steps = [
        f"create the webhook {quoted(document.get('description') or '')}",
        f"from then on, send {request['method']} {quoted(request['url'], 500)} at each {events}",
        *_sent_with(request),
        f"for {' with '.join(who)} alone" if who else "for all applications of the broker",
    ]
    warnings = [] if who else ["It is for all applications: name a consumer or a provider for less."]
    if urlsplit(request["url"]).scheme == "http":
        warnings.append("The request is not encrypted: its address begins with http.")
    if alike and not same:
        warnings.append(
            "A webhook sends to this address at the same events already, with another body or headers, or it "
            "is switched off: see the link. Both would send."
        )
    if same and request.get("headers"):
        warnings.append("The broker does not show the values of headers: those of the two were not compared.")
    found = same or alike
    links = {} if found is None else {"webhook": found}
    return Plan("create the webhook", [] if same else steps, warnings, links)


def _sent_with(request: dict[str, Any]) -> Iterator[str]:
    names = ", ".join(quoted(name) for name in request.get("headers") or {})
    if names:
        yield f"with the headers {names}"
    body = request.get("body")
    if body is not None:
        yield f"with the body {quoted(body if isinstance(body, str) else orjson.dumps(body).decode(), 1_000)}"


def _there_already(
    broker: BrokerClient, listed: Resource, document: dict[str, Any]
) -> tuple[str | None, str | None]:
    """Return the addresses of a webhook that does the same, and of one that sends something else there."""
    alike = None
    for link in list(listed.links("pb:webhooks"))[:_MOST_COMPARED]:
        address = link.expand()
        webhook = broker.get(address).state
        if _what_it_does(webhook) == _what_it_does(document):
            if webhook.get("enabled") is not False and _what_it_sends(webhook) == _what_it_sends(document):
                return address, None
            alike = alike or address
    return None, alike


def _what_it_sends(webhook: dict[str, Any]) -> tuple[object, ...]:
    """The values of headers are left out: the broker does not show them."""
    request = webhook.get("request") or {}
    body = orjson.loads(orjson.dumps(request.get("body")))  # as the broker shows it, whatever holds it here
    return sorted(name.lower() for name in request.get("headers") or {}), body


def _what_it_does(webhook: dict[str, Any]) -> tuple[object, ...]:
    request = webhook.get("request") or {}
    return (
        sorted(event["name"] for event in webhook.get("events") or ()),
        [(webhook.get(role) or {}).get("name") for role in ("consumer", "provider")],
        (request.get("method") or "POST").upper(),
        request.get("url"),
    )


def _request_of(broker: BrokerClient, created: Resource) -> object:
    """Return what it would send about the latest contract, without sending it; None where nobody can say."""
    if not any(created.links("tally:dry-run")):
        return None
    return broker.post(created.link("tally:dry-run").expand(), {}).state.get("request")
