"""Write what belongs to no single application: environments, webhooks, decisions, gates, teams."""

from collections.abc import Callable, Iterable
from typing import Any

from tally.errors import BrokerRefusedError, UnauthorisedError
from tally.exporting.folder import Folder
from tally.importing.brokers import BrokerReader, Document
from tally.importing.comparison import questions, summary_of
from tally.importing.environments import environments
from tally.importing.journal import Journal
from tally.importing.webhooks import links, redacted

_OF_ENVIRONMENT = (
    "name",
    "displayName",
    "production",
    "contacts",
    "protected",
    "requiresCanIDeploy",
    "createdAt",
)
_COUNTED = ("success", "failed", "unknown")
_NOT_KEPT = frozenset({"_links", "_embedded", "uuid", "services"})
_LISTS = {"gates": "gates", "teams": "teams", "accounts": "accounts"}
"""What Tallystick has besides, by route: none of it has secrets."""


def write_environments(source: BrokerReader, folder: Folder, journal: Journal) -> None:
    """Write the environments by name."""
    found = sorted(environments(source) or (), key=lambda item: str(item["name"]))
    folder.write("environments.json", [_of(item, _OF_ENVIRONMENT) for item in found])
    journal.copied["environments"] += len(found)


def write_webhooks(source: BrokerReader, folder: Folder, journal: Journal) -> None:
    """Write the webhooks by uuid, without their secrets, which no broker tells."""
    found = []
    for link in links(source):
        webhook = source.read(link.href, "webhook").state
        found.append({key: value for key, value in webhook.items() if key not in {"_links", "_embedded"}})
        if secrets := list(redacted(webhook)):
            journal.remark(f"The webhook {webhook['uuid']} is written without its {', '.join(secrets)}")
    folder.write("webhooks.json", sorted(found, key=lambda item: str(item["uuid"])))
    journal.copied["webhooks"] += len(found)


def write_decisions(source: BrokerReader, folder: Folder, advance: Callable[[], None]) -> None:
    """Write what the broker answers to "can I deploy?", as an import compares it."""
    found = []
    for question in questions(source):
        try:
            summary = summary_of(source, question)
        except UnauthorisedError:
            raise
        except BrokerRefusedError as error:
            summary = {"deployable": None, "reason": str(error)}
        found.append({**vars(question), "deployable": summary.get("deployable"), **_of(summary, _COUNTED)})
        advance()
    folder.write("decisions.json", found)


def write_lists(source: BrokerReader, folder: Folder, journal: Journal) -> None:
    """Write quality gates, teams and accounts of a Tallystick, for scripts and people."""
    for route, relation in _LISTS.items():
        try:
            items = list(source.items(route, relation))
        except UnauthorisedError:
            journal.remark(f"The broker does not show its {route}: they are not written")
            continue
        folder.write(f"{route}.json", sorted((_without_links(item) for item in items), key=str))
        journal.copied[route] += len(items)


def _of(item: Document, names: Iterable[str]) -> Document:
    return {name: item[name] for name in names if item.get(name) is not None}


def _without_links(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_links(item) for key, item in value.items() if key not in _NOT_KEPT}
    return [_without_links(item) for item in value] if isinstance(value, list) else value
