"""Copy pacticipants with their labels (Pact Broker reference §4.2)."""

from collections.abc import Iterator

from tally.errors import BrokerRefusedError
from tally.importing.brokers import BrokerReader, Document, TargetBroker
from tally.importing.journal import Journal

PROPERTIES = ("displayName", "repositoryUrl", "repositoryName", "repositoryNamespace", "mainBranch")


def copy_pacticipants(source: BrokerReader, target: TargetBroker, journal: Journal) -> Iterator[str]:
    """Copy every pacticipant, and yield its name."""
    for item in source.items("pacticipants", "pacticipants"):
        _copy(item, target, journal)
        yield item["name"]


def _copy(item: Document, target: TargetBroker, journal: Journal) -> None:
    name = item["name"]
    known = target.find("pacticipant", pacticipant=name)
    try:
        if known is None:
            target.post("pacticipants", {"name": name, **_properties(item)}, item["createdAt"])
            journal.copied["pacticipants"] += 1
        else:
            journal.present["pacticipants"] += 1
            _complete(item, known.state, target, journal)
        _copy_labels(item, known.state if known else {}, target, journal)
    except BrokerRefusedError as error:
        journal.refused(f"The pacticipant {name}", error)


def _properties(item: Document) -> Document:
    return {key: item[key] for key in PROPERTIES if item.get(key)}


def _complete(item: Document, known: Document, target: TargetBroker, journal: Journal) -> None:
    """Add what the target does not say; what it says otherwise stays, and is a problem."""
    name, properties = item["name"], _properties(item)
    missing = {key: value for key, value in properties.items() if known.get(key) is None}
    if missing:
        target.patch(target.url("pacticipant", pacticipant=name), missing, item["createdAt"])
        journal.copied["descriptions"] += 1
    for key in properties.keys() - missing.keys():
        if known[key] != properties[key]:
            journal.problem(
                f"{name}: {key} is {properties[key]!r} in the source, and stays {known[key]!r} in the target"
            )


def _copy_labels(item: Document, known: Document, target: TargetBroker, journal: Journal) -> None:
    present = set(label_names(known))
    for label in label_names(item):
        if label in present:
            journal.present["labels"] += 1
        else:
            target.put("label", {}, item["createdAt"], pacticipant=item["name"], label=label)
            journal.copied["labels"] += 1


def label_names(pacticipant: Document) -> Iterator[str]:
    """Yield the labels of a pacticipant."""
    for label in (pacticipant.get("_embedded") or {}).get("labels") or ():
        yield label["name"]
