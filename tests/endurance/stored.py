"""The facts that a database has, read from its tables, and what they say of the writes that were sent."""

from collections.abc import Iterable

from endurance.writes import Done, Fact
from sqlalchemy import text

from broker.storage.database import Database

_OF_VERSION = "FROM {} x JOIN versions v ON v.id = x.{} JOIN pacticipants p ON p.id = v.pacticipant_id"
_STATEMENTS = {
    "version": "SELECT p.name, v.number FROM versions v JOIN pacticipants p ON p.id = v.pacticipant_id",
    "pact": (
        "SELECT p.name, v.number, o.name, c.sha "
        + _OF_VERSION.format("pact_publications", "consumer_version_id")
        + " JOIN pacticipants o ON o.id = x.provider_id JOIN pact_versions c ON c.id = x.pact_version_id"
    ),
    "tag": "SELECT p.name, v.number, x.name " + _OF_VERSION.format("tags", "version_id"),
    "branch": (
        "SELECT p.name, v.number, b.name "
        + _OF_VERSION.format("branch_versions", "version_id")
        + " JOIN branches b ON b.id = x.branch_id"
    ),
    "result": (
        "SELECT p.name, v.number, c.sha, CASE WHEN x.success THEN 'True' ELSE 'False' END "
        + _OF_VERSION.format("verifications", "provider_version_id")
        + " JOIN pact_versions c ON c.id = x.pact_version_id"
    ),
    "deployment": (
        "SELECT p.name, v.number, e.name, x.application_instance "
        + _OF_VERSION.format("deployed_versions", "version_id")
        + " JOIN environments e ON e.id = x.environment_id"
    ),
    "release": (
        "SELECT p.name, v.number, e.name "
        + _OF_VERSION.format("released_versions", "version_id")
        + " JOIN environments e ON e.id = x.environment_id"
    ),
    "webhook": "SELECT description FROM webhooks WHERE description IS NOT NULL",
    "event": "SELECT w.description, e.name FROM webhook_events e JOIN webhooks w ON w.id = e.webhook_id"
    " WHERE w.description IS NOT NULL",
    "service contract": (
        "SELECT p.name, v.number, c.sha "
        + _OF_VERSION.format("service_contract_publications", "version_id")
        + " JOIN service_contract_set_documents d ON d.set_id = x.set_id"
        " JOIN service_contracts c ON c.id = d.service_contract_id"
    ),
    "environment": "SELECT name FROM environments",
}
_OF_PUBLICATIONS = (
    "SELECT x.event, p.name, v.number, o.name "
    + _OF_VERSION.format("triggered_webhooks", "consumer_version_id")
    + " JOIN pacticipants o ON o.id = x.provider_id WHERE x.event LIKE 'contract%'"
)
_OF_RESULTS = (
    "SELECT x.event, p.name, v.number FROM triggered_webhooks x"
    " JOIN verifications r ON r.id = x.verification_id JOIN versions v ON v.id = r.provider_version_id"
    " JOIN pacticipants p ON p.id = v.pacticipant_id WHERE x.event LIKE 'provider%'"
)


def facts_of(database: Database) -> list[Fact]:
    """Return all facts that the database has; one that it has twice is there twice."""
    found: list[Fact] = []
    named = [
        *_STATEMENTS.items(),
        *(("delivery", statement) for statement in (_OF_PUBLICATIONS, _OF_RESULTS)),
    ]
    with database.connection() as connection:
        for name, statement in named:
            found += [(name, *row) for row in connection.execute(text(statement))]
    return found


def what_is_amiss(done: Iterable[Done], stored: list[Fact]) -> dict[str, list[object]]:
    """Return what was acknowledged and is lost, what is there in part, and what is there twice."""
    there = frozenset(stored)
    done = list(done)
    removed = frozenset(fact for each in done if each.write.is_removal for fact in each.write.facts)
    lost: list[object] = []
    half: list[object] = []
    for each in done:
        facts = each.write.facts
        if not each.write.is_removal and facts & removed:
            continue
        wanted = frozenset() if each.write.is_removal else facts
        if each.is_acknowledged and facts & there != wanted:
            lost.append((each.write.path, sorted(facts & there ^ wanted)))
        elif facts & there not in (frozenset(), facts):
            half.append((each.write.path, sorted(facts - there)))
    doubled = len(stored) - len(there)
    twice: list[object] = sorted({fact for fact in stored if stored.count(fact) > 1}) if doubled else []
    found = {"lost": lost, "in part": half, "twice": twice}
    return {name: faults for name, faults in found.items() if faults}
