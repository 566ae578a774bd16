"""Copy environments (Pact Broker reference §4.11)."""

from dataclasses import dataclass

from tally.errors import BrokerRefusedError
from tally.importing.brokers import BrokerReader, Document, TargetBroker
from tally.importing.journal import Journal


@dataclass(frozen=True)
class SharedEnvironment:
    """An environment that both brokers have, by its uuid in each."""

    name: str
    source_uuid: str
    target_uuid: str


def environments(broker: BrokerReader) -> list[Document] | None:
    """Return the environments; None of a broker that is older than them."""
    found = broker.find("environments")
    return None if found is None else found.embedded("environments")


def copy_environments(
    source: BrokerReader, target: TargetBroker, journal: Journal
) -> list[SharedEnvironment]:
    """Copy the environments that the target lacks; they are the same when their names are."""
    theirs = environments(source)
    if theirs is None:
        journal.remark("The source has no environments: it is older than Pact Broker 2.80")
        return []
    known = {item["name"]: item for item in environments(target) or ()}
    found = (_copy(item, known.get(item["name"]), target, journal) for item in theirs)
    return [environment for environment in found if environment is not None]


def _copy(
    item: Document, known: Document | None, target: TargetBroker, journal: Journal
) -> SharedEnvironment | None:
    if known is None:
        return _create(item, target, journal)
    name = item["name"]
    journal.present["environments"] += 1
    if known["production"] != item["production"]:
        journal.problem(
            f"The environment {name}: production is {_yes(item)} in the source, and stays {_yes(known)}"
        )
    return SharedEnvironment(name, item["uuid"], known["uuid"])


def _create(item: Document, target: TargetBroker, journal: Journal) -> SharedEnvironment | None:
    """Return the new environment; None when the target refuses it, and what is in it is not copied."""
    name = item["name"]
    body = {
        key: item[key]
        for key in ("name", "displayName", "production", "contacts")
        if item.get(key) is not None
    }
    try:
        created = target.post("environments", body, item["createdAt"])
    except BrokerRefusedError as error:
        journal.refused(f"The environment {name}", error)
        return None
    journal.copied["environments"] += 1
    return SharedEnvironment(name, item["uuid"], created.state["uuid"])


def _yes(environment: Document) -> str:
    return "yes" if environment["production"] else "no"
