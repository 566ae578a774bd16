"""What the index of the search is made of: names, and the contents that count."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, bindparam, select

from broker.storage.conditions import newest_of_pair
from broker.storage.dialects import AS_BYTES, is_in
from broker.storage.pacts.newest import newest_on_branch
from broker.storage.tables import (
    branches,
    integrations,
    labels,
    pact_publications,
    pact_versions,
    pacticipants,
    search_entries,
    versions,
)

_consumers = pacticipants.alias("consumers")
_providers = pacticipants.alias("providers")
_on_main = pact_publications.alias("on_main")
_APPLICATIONS = select(
    pacticipants.c.id, pacticipants.c.name, pacticipants.c.display_name, pacticipants.c.repository_name
).where(is_in(pacticipants.c.id, "ids"))
_LABELS = (
    select(labels.c.pacticipant_id, labels.c.name)
    .where(is_in(labels.c.pacticipant_id, "ids"))
    .order_by(labels.c.name)
)
_BRANCHES = select(branches.c.id, branches.c.name).where(is_in(branches.c.id, "ids"))
_VERSIONS = select(versions.c.id, versions.c.number).where(is_in(versions.c.id, "ids"))
_WITH_MAIN_BRANCH = (
    select(pacticipants.c.id)
    .join(
        branches,
        and_(branches.c.pacticipant_id == pacticipants.c.id, branches.c.name == pacticipants.c.main_branch),
    )
    .where(is_in(branches.c.id, "ids"))
)
_pairs = (
    select(
        integrations.c.id,
        _consumers.c.name.label("consumer"),
        _providers.c.name.label("provider"),
        _on_main.c.pact_version_id.label("main"),
        newest_of_pair(integrations.c.consumer_id, integrations.c.provider_id, "pact_version_id").label(
            "latest"
        ),
        search_entries.c.contents.label("indexed"),
    )
    .join(_consumers, _consumers.c.id == integrations.c.consumer_id)
    .join(_providers, _providers.c.id == integrations.c.provider_id)
    .outerjoin(
        _on_main,
        _on_main.c.id
        == newest_on_branch(integrations.c.consumer_id, integrations.c.provider_id, _consumers.c.main_branch),
    )
    .outerjoin(
        search_entries,
        and_(
            search_entries.c.integration_id == integrations.c.id, search_entries.c.kind == bindparam("kind")
        ),
    )
    .order_by(integrations.c.id)
)
_PAIR = _pairs.where(
    integrations.c.consumer_id == bindparam("consumer_id"),
    integrations.c.provider_id == bindparam("provider_id"),
)
_OF_CONSUMERS = _pairs.where(is_in(integrations.c.consumer_id, "ids"))
_TEXT = (
    select(pact_versions.c.content)
    .where(pact_versions.c.id == bindparam("content_id"))
    .execution_options(**AS_BYTES)
)


class PairToIndex(NamedTuple):
    """An integration with the contents that count: of the pact of the main branch, and of the latest one.

    *indexed* says which the index has.
    """

    id: int
    consumer: str
    provider: str
    main: int | None
    latest: int | None
    indexed: str | None


class SearchSources:
    """What the index is made of."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def applications(self, ids: Sequence[int]) -> list[tuple[int, list[str | None]]]:
        """Return the ids of those that exist, with their names and labels."""
        found: dict[int, list[str | None]] = {
            number: names for number, *names in self._connection.execute(_APPLICATIONS, {"ids": list(ids)})
        }
        for number, name in self._connection.execute(_LABELS, {"ids": list(ids)}):
            if number in found:
                found[number].append(name)
        return list(found.items())

    def branches(self, ids: Sequence[int]) -> list[tuple[int, str]]:
        """Return the ids of those that exist, with their names."""
        return [(row.id, row.name) for row in self._connection.execute(_BRANCHES, {"ids": list(ids)})]

    def versions(self, ids: Sequence[int]) -> list[tuple[int, str]]:
        """Return the ids of those that exist, with their numbers."""
        return [(row.id, row.number) for row in self._connection.execute(_VERSIONS, {"ids": list(ids)})]

    def with_main_branch(self, branch_ids: Sequence[int]) -> list[int]:
        """Return the pacticipants that have one of these as their main branch."""
        return list(self._connection.scalars(_WITH_MAIN_BRANCH, {"ids": list(branch_ids)}))

    def pair(self, consumer_id: int, provider_id: int, kind: int) -> PairToIndex | None:
        """Return the integration of the two, if there is one; *kind* is that of its entry."""
        values = {"consumer_id": consumer_id, "provider_id": provider_id, "kind": kind}
        row = self._connection.execute(_PAIR, values).first()
        return PairToIndex(*row) if row else None

    def of_consumers(self, ids: Sequence[int], kind: int) -> list[PairToIndex]:
        """Return the integrations of these consumers."""
        return [
            PairToIndex(*row)
            for row in self._connection.execute(_OF_CONSUMERS, {"ids": list(ids), "kind": kind})
        ]

    def text(self, content_id: int) -> bytes:
        """Return a content; nothing of one that is gone."""
        found: Any = self._connection.scalar(_TEXT, {"content_id": content_id})
        return bytes(found or b"")
