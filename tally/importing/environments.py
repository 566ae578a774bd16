"""Copy environments (Pact Broker reference §4.11)."""

from tally.errors import BrokerRefusedError
from tally.importing.brokers import BrokerReader, Document, TargetBroker
from tally.importing.journal import Journal
from tally.importing.teams import team_names
from tally.values import dataclass

_OF_ENVIRONMENT = ("name", "displayName", "production", "contacts")
_OF_PROTECTION = ("protected", "deployers", "requiresCanIDeploy")


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
    if any(item.get("deployers") for item in theirs):
        theirs = [_without_unknown_deployers(item, target, journal) for item in theirs]
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
    _protect(item, known, target, journal)
    return SharedEnvironment(name, item["uuid"], known["uuid"])


def _without_unknown_deployers(item: Document, target: TargetBroker, journal: Journal) -> Document:
    """Return an environment without the teams that the target does not have, and say so."""
    if target.keeps_nothing:  # a rehearsal has no teams yet
        return {**item, "deployers": None}
    teams = team_names(target)
    unknown = [team for team in item.get("deployers") or () if team not in teams]
    if not unknown:
        return item
    journal.remark(
        f"The environment {item['name']} does not list {', '.join(unknown)}, who deploy there in the source: "
        "the target has no such team"
    )
    return {**item, "deployers": [team for team in item["deployers"] if team in teams] or None}


def _protect(item: Document, known: Document, target: TargetBroker, journal: Journal) -> None:
    """Protect an environment that is there as the source does; never less than before."""
    added = {key: item[key] for key in _OF_PROTECTION if item.get(key) and not known.get(key)}
    if not added:
        return
    body = {key: known[key] for key in _OF_ENVIRONMENT if known.get(key) is not None}
    try:
        if not target.keeps_nothing:  # a rehearsal has no teams that it could list
            target.put("environment", {**body, **added}, item["createdAt"], uuid=known["uuid"])
        journal.copied["protections"] += 1
    except BrokerRefusedError as error:
        journal.refused(f"The protection of the environment {item['name']}", error)


def _create(item: Document, target: TargetBroker, journal: Journal) -> SharedEnvironment | None:
    """Return the new environment; None when the target refuses it, and what is in it is not copied."""
    name = item["name"]
    body = {key: item[key] for key in (*_OF_ENVIRONMENT, *_OF_PROTECTION) if item.get(key) is not None}
    try:
        created = target.post("environments", body, item["createdAt"])
    except BrokerRefusedError as error:
        journal.refused(f"The environment {name}", error)
        return None
    journal.copied["environments"] += 1
    return SharedEnvironment(name, item["uuid"], created.state["uuid"])


def _yes(environment: Document) -> str:
    return "yes" if environment["production"] else "no"
