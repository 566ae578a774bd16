"""Copy webhooks (Pact Broker reference §10.1). No broker tells their secrets: those wait, disabled."""

import re
from collections.abc import Iterator

from tally.broker_client import Link
from tally.errors import BrokerRefusedError
from tally.hashing import compact_json
from tally.importing.brokers import BrokerReader, Document, TargetBroker
from tally.importing.journal import Journal
from tally.importing.teams import team_names

_REDACTED = re.compile(r"\*+")
_STARS = re.compile(r"\*{10}")
"""With which Tallystick shows a part of a URL, or of a body."""
_QUERY = re.compile(r"[?#]|\Z")
_KEPT = ("description", "consumer", "provider", "enabled", "events", "request")


def copy_webhooks(source: BrokerReader, target: TargetBroker, journal: Journal) -> None:
    """Copy the webhooks that the target lacks, under their uuids."""
    for link in links(source):
        webhook = source.read(link.href, "webhook").state
        try:
            _copy(webhook, target, journal)
        except BrokerRefusedError as error:
            journal.refused(f"The webhook {_title(webhook)}", error)


def links(broker: BrokerReader) -> Iterator[Link]:
    """Yield a link to each webhook."""
    found = broker.find("webhooks")
    return found.links("pb:webhooks") if found else iter(())


def _copy(webhook: Document, target: TargetBroker, journal: Journal) -> None:
    secrets = list(redacted(webhook))
    if target.find("webhook", uuid=webhook["uuid"]) is not None:
        journal.present["webhooks"] += 1
        return
    body = {key: webhook[key] for key in _KEPT if webhook.get(key) is not None}
    if secrets:
        body["enabled"] = False
        journal.remark(
            f"The webhook {_title(webhook)} is disabled until it gets its secret again: {', '.join(secrets)}"
        )
    if (team := webhook.get("team")) and not target.keeps_nothing:  # a rehearsal has no teams yet
        if team in team_names(target):
            body["team"] = team
        else:
            journal.remark(f"The webhook {_title(webhook)} is of no team: the target has no team {team}")
    target.put("webhook", body, webhook["createdAt"], uuid=webhook["uuid"])
    journal.copied["webhooks"] += 1


def redacted(webhook: Document) -> Iterator[str]:
    """Yield the names of what the broker shows as asterisks, or by its name alone."""
    request = webhook.get("request") or {}
    if webhook.get("signingSecret"):
        yield "signing secret"
    for name, value in (request.get("headers") or {}).items():
        if isinstance(value, str) and _REDACTED.search(value) and not value.strip("* "):
            yield f"header {name}"
    if _REDACTED.fullmatch(str(request.get("password") or "")):
        yield "password"
    address, query = _QUERY.split(str(request.get("url") or ""), maxsplit=1)
    if _STARS.search(address):
        yield "address"
    if _STARS.search(query) or _REDACTED.fullmatch(query):
        yield "query of the URL"
    if _STARS.search(compact_json(request.get("body")).decode()):
        yield "body"


def _title(webhook: Document) -> str:
    return f"{webhook.get('description') or 'without description'} ({webhook['uuid']})"
