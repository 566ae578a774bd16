"""Every row of a database under a name that a reader understands, to tell what a request did to the rows."""

from collections import Counter
from collections.abc import Callable, Collection, Container, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

import orjson
from sqlalchemy import select

from broker.storage.database import Database
from broker.storage.tables import metadata

OF_OUR_WORK = {"content_objects", "idempotency_keys", "job_successes", "leases", "schema_compatibility"}
"""Tables with what the broker notes of requests and of its own work; nobody stores anything there."""
OF_ACCOUNTS = {
    "access_changes",
    "account_roles",
    "accounts",
    "audit_entries",
    "audit_seals",
    "environment_deployers",
    "identities",
    "log_in_links",
    "sessions",
    "team_members",
    "team_pacticipants",
    "teams",
    "tokens",
    "tries",
    "trusts",
    "used_jtis",
}
"""Tables of who may do what. A broker with accounts asks who deletes, so they have tests of their own."""
COUNTED = {
    "results_to_count",
    "publications_to_count",
    "result_counts",
    "interaction_counts",
    "integration_activity",
    "contract_sizes",
    "quality_gate_states",
}
"""Tables of counters and of what came of gates; other tests say what becomes of them."""
FOLLOWING = {
    *("standings", "standings_lock", "changes"),
    *("search_queue", "search_entries", "search_words", "search_endings", "search_occurrences"),
}
"""Tables that follow from the others, as other tests hold; and one that never has a row."""
Row = Mapping[str, Any]
Identity = tuple[str, tuple[Any, ...]]


def _title(document: Any) -> str:
    """Return what a document is called; one of a form of our own has no title."""
    return str(document.get("info", {}).get("title", ""))


class Rows:
    """What is in the tables at one moment: rows by their primary keys, and names for them."""

    def __init__(self, database: Database) -> None:
        self.values: dict[Identity, Row] = {}
        with database.connection() as connection:
            for table in metadata.sorted_tables:
                if table.name in OF_OUR_WORK | COUNTED | FOLLOWING:
                    continue
                for row in connection.execute(select(table)).mappings():
                    identity = tuple(row[column.name] for column in table.primary_key)
                    self.values[table.name, identity] = dict(row)

    @property
    def tables(self) -> set[str]:
        """The tables that have rows."""
        return {table for table, _ in self.values}

    @cached_property
    def names(self) -> dict[Identity, str]:
        """The names of all rows: the table, what distinguishes the row in it and, if need be, a number."""
        return self.names_after()

    def names_after(self, known: Container[Identity] = ()) -> dict[Identity, str]:
        """Return the names; *known* ones have the first numbers: ids may come in no order."""
        seen = Counter[str]()
        names = {}
        for identity in sorted(self.values, key=lambda each: (each not in known, each)):
            name = f"{identity[0]} {self._described(identity)}"
            seen[name] += 1
            names[identity] = f"{name} #{seen[name]}" if seen[name] > 1 else name
        return names

    def compared_with(self, after: "Rows") -> "Difference":
        """Return what has happened since."""
        gone = {self.names[identity] for identity in self.values.keys() - after.values.keys()}
        named = after.names_after(self.values.keys())
        new = {named[identity] for identity in after.values.keys() - self.values.keys()}
        changed = {
            f"{self.names[identity]}: {column}"
            for identity in self.values.keys() & after.values.keys()
            for column, value in self.values[identity].items()
            if after.values[identity][column] != value
        }
        return Difference(frozenset(gone), frozenset(changed), frozenset(new))

    def _described(self, identity: Identity) -> str:
        table, _ = identity
        return _NAMED[table](self.values[identity], self._of)

    def _of(self, table: str, row_id: int | None) -> str:
        return "-" if row_id is None else self._described((table, (row_id,)))


@dataclass(frozen=True)
class Difference:
    """Names of the rows that went and came, and of what changed, with the column."""

    gone: frozenset[str]
    changed: frozenset[str]
    new: frozenset[str]


def meant(patterns: Iterable[str], names: Collection[str]) -> set[str]:
    """Return the names that the patterns match; each must match one."""
    found = {pattern: {name for name in names if fnmatchcase(name, pattern)} for pattern in patterns}
    assert all(found.values()), [pattern for pattern, matches in found.items() if not matches]
    return set[str]().union(*found.values())


def meant_to_change(patterns: Iterable[str], names: Collection[str]) -> set[str]:
    """Return the changes that the patterns match, each a row's name and `: column`."""
    found = set()
    for pattern in patterns:
        rows, _, column = pattern.rpartition(": ")
        found |= {f"{name}: {column}" for name in meant([rows], names)}
    return found


Of = Callable[[str, int | None], str]


def _pair(row: Row, of: Of) -> str:
    return f"{of('pacticipants', row['consumer_id'])} {of('pacticipants', row['provider_id'])}"


def _version(row: Row, of: Of) -> str:
    return of("versions", row["version_id"])


def _content(row: Row, of: Of) -> str:
    description = orjson.loads(row["content"])["interactions"][0]["description"]
    return f"{_pair(row, of)} {description!r}"


def _result(row: Row, of: Of) -> str:
    said = "passed" if row["success"] else "failed"
    version = of("versions", row["provider_version_id"])
    return f"{of('pact_versions', row['pact_version_id'])} by {version} {said}"


def _delivery(row: Row, of: Of) -> str:
    cause = (
        of("versions", row["consumer_version_id"])
        if row["verification_id"] is None
        else of("verifications", row["verification_id"])
    )
    return f"to {of('webhooks', row['webhook_id'])}: {row['event']} of {_pair(row, of)}, {cause}"


_NAMED: dict[str, Callable[[Row, Of], str]] = {
    "pacticipants": lambda row, _: row["name"],
    "labels": lambda row, of: f"{of('pacticipants', row['pacticipant_id'])} {row['name']}",
    "versions": lambda row, of: f"{of('pacticipants', row['pacticipant_id'])} {row['number']}",
    "branches": lambda row, of: f"{of('pacticipants', row['pacticipant_id'])} {row['name']}",
    "branch_versions": lambda row, of: f"{of('branches', row['branch_id'])}, {_version(row, of)}",
    "tags": lambda row, of: f"{_version(row, of)} {row['name']}",
    "pact_versions": _content,
    "pact_usages": lambda row, of: of("pact_versions", row["pact_version_id"]),
    "pact_publications": lambda row, of: (
        f"{of('versions', row['consumer_version_id'])} "
        f"{of('pacticipants', row['provider_id'])} revision {row['revision']}"
    ),
    "verifications": _result,
    "failed_results": lambda row, of: of("verifications", row["verification_id"]),
    "branch_successes": lambda row, of: (
        f"{of('pact_versions', row['pact_version_id'])} on {of('branches', row['branch_id'])}"
    ),
    "verification_parts": lambda row, of: (
        f"{of('pact_versions', row['pact_version_id'])} by {of('versions', row['provider_version_id'])}"
    ),
    "integrations": _pair,
    "environments": lambda row, _: row["name"],
    "deployed_versions": lambda row, of: (
        f"{_version(row, of)} in {of('environments', row['environment_id'])} {row['application_instance']}"
    ),
    "released_versions": lambda row, of: (
        f"{_version(row, of)} in {of('environments', row['environment_id'])}"
    ),
    "service_contracts": lambda row, of: (
        f"{of('pacticipants', row['pacticipant_id'])} {_title(orjson.loads(row['document']))!r}"
    ),
    "service_contract_sets": lambda row, of: (
        f"{of('pacticipants', row['pacticipant_id'])} documents of {row['sha']}"
    ),
    "service_contract_set_documents": lambda row, of: (
        f"{of('service_contract_sets', row['set_id'])} {row['name']}"
    ),
    "service_contract_publications": _version,
    "service_contract_policies": lambda row, of: of("pacticipants", row["pacticipant_id"]),
    "service_contract_document_policies": lambda row, of: (
        f"{of('pacticipants', row['pacticipant_id'])} {row['document']}"
    ),
    "service_contract_verifications": lambda row, of: (
        f"{of('service_contracts', row['service_contract_id'])} by {_version(row, of)}"
    ),
    "comparisons": lambda row, of: (
        f"{of('pact_versions', row['pact_version_id'])} with {of('service_contract_sets', row['set_id'])}"
    ),
    "service_contract_operations": lambda row, of: (
        f"{of('service_contracts', row['service_contract_id'])} {row['key']}"
    ),
    "service_contract_dependencies": _pair,
    "service_contract_needs": lambda row, of: (
        f"{of('service_contract_dependencies', row['dependency_id'])} {row['name']}"
    ),
    "scenario_results": lambda row, _: row["title"],
    "scenario_result_versions": lambda row, of: (
        f"{_version(row, of)} in {of('scenario_results', row['scenario_result_id'])}"
    ),
    "former_service_contracts": _version,
    "former_service_contract_policies": lambda row, of: of("pacticipants", row["pacticipant_id"]),
    "comparisons_to_make": lambda row, of: (
        f"{of('pact_versions', row['pact_version_id'])} and {of('service_contract_sets', row['set_id'])}"
    ),
    "compatibilities": lambda row, of: (
        f"{of('service_contracts', row['earlier_id'])} to {of('service_contracts', row['later_id'])}"
    ),
    "secrets": lambda row, _: row["name"],
    "webhooks": lambda row, _: row["description"],
    "webhook_events": lambda row, of: f"{of('webhooks', row['webhook_id'])} {row['name']}",
    "triggered_webhooks": _delivery,
    "webhook_executions": lambda row, of: of("triggered_webhooks", row["triggered_webhook_id"]),
    "former_tags": lambda row, of: f"{_version(row, of)} {row['name']}",
    "former_branch_versions": lambda row, of: f"{of('branches', row['branch_id'])}, {_version(row, of)}",
    "branch_promotions": lambda row, of: f"{of('branches', row['branch_id'])}, {_version(row, of)}",
    "former_main_branches": lambda row, of: f"{of('pacticipants', row['pacticipant_id'])} {row['name']}",
    "support_gaps": lambda row, of: of("released_versions", row["released_version_id"]),
    "quality_gates": lambda row, of: f"{row['metric']} of {of('pacticipants', row['pacticipant_id'])}",
    "removals": lambda row, _: f"{row['number']} {row['kind']} of {row['name'] or 'everybody'}",
}
