"""Copy quality gates, which only a Tallystick has."""

from tally.errors import BrokerRefusedError
from tally.importing.brokers import BrokerReader, Document, TargetBroker
from tally.importing.journal import Journal

_OF_GATE = ("metric", "threshold", "days", "pacticipantName", "team")


def copy_gates(source: BrokerReader, target: TargetBroker, journal: Journal) -> None:
    """Copy the gates that the target lacks: the same are those that ask the same of the same services."""
    present = [_described(item) for item in target.items("gates", "gates")]
    for item in source.items("gates", "gates"):
        wanted = _described(item)
        if wanted in present:
            journal.present["gates"] += 1
            continue
        try:
            if not target.keeps_nothing:  # a rehearsal has no services that it could be for
                target.post("gates", wanted, item["createdAt"])
            journal.copied["gates"] += 1
        except BrokerRefusedError as error:
            journal.refused(f"The quality gate {item.get('title') or item['metric']}", error)


def _described(item: Document) -> Document:
    return {key: item[key] for key in _OF_GATE if item.get(key) is not None}
