"""Write what belongs to no single application: environments, webhooks, decisions, gates, teams, audit log."""

from collections.abc import Callable, Iterable
from typing import Any

from tally.audit.sealed import to_lines
from tally.errors import BrokerRefusedError, UnauthorisedError
from tally.exporting.audit_log import seals_of
from tally.exporting.folder import Folder
from tally.importing.brokers import BrokerReader, Document
from tally.importing.comparison import questions, summary_of
from tally.importing.environments import environments
from tally.importing.journal import Journal
from tally.importing.teams import owned
from tally.importing.webhooks import links, redacted

_OF_ENVIRONMENT = (
    "name",
    "displayName",
    "production",
    "contacts",
    "protected",
    "deployers",
    "requiresCanIDeploy",
    "createdAt",
)
_OF_TEAM = ("name", "description", "createdAt", "updatedAt")
_COUNTED = ("success", "failed", "unknown")
_NOT_KEPT = frozenset({"_links", "_embedded", "uuid", "services"})
_AUDIT = "audit.ndjson"


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


def write_gates(source: BrokerReader, folder: Folder, journal: Journal) -> None:
    """Write the quality gates of a Tallystick."""
    _write_list(source, folder, journal, "gates")


def write_accounts(source: BrokerReader, folder: Folder, journal: Journal) -> None:
    """Write the teams of a Tallystick with what they own, and its accounts: without tokens and passwords."""
    teams = list(source.items("teams", "teams"))
    said = [{**_of(team, _OF_TEAM), "pacticipants": sorted(owned(source, team["name"]))} for team in teams]
    folder.write("teams.json", sorted(said, key=str))
    journal.copied["teams"] += len(said)
    _write_list(source, folder, journal, "accounts")


def write_audit_log(source: BrokerReader, folder: Folder, journal: Journal) -> None:
    """Write the audit log with its seals, as `tally audit export` does, if it is shown."""
    try:
        with folder.lines(_AUDIT) as file:
            for sealed in seals_of(source.client):
                file.writelines(line + b"\n" for line in to_lines(sealed))
                journal.copied["entries of the audit log"] += len(sealed.entries)
    except UnauthorisedError as error:
        journal.remark(f"The audit log is not written: {error}")


def _write_list(source: BrokerReader, folder: Folder, journal: Journal, what: str) -> None:
    items = [_without_links(item) for item in source.items(what, what)]
    folder.write(f"{what}.json", sorted(items, key=str))
    journal.copied[what] += len(items)


def _of(item: Document, names: Iterable[str]) -> Document:
    return {name: item[name] for name in names if item.get(name) is not None}


def _without_links(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_links(item) for key, item in value.items() if key not in _NOT_KEPT}
    return [_without_links(item) for item in value] if isinstance(value, list) else value
