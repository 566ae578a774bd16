"""Which pacts are to be compared with which documents: noted with a publication, made after it.

What is compared is what questions are about: the newest pact of each integration, and what is the head of a
branch, deployed, or released and supported, on either side; and what a question was about that found it not
compared. Equal contents are compared once.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Insert,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
    union,
    update,
)
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite as well

from broker.domain.model import Pacticipant, Version
from broker.storage.conditions import IN_ENVIRONMENT_NOW, STORED_CONTENT, is_current, newest, newest_of_pair
from broker.storage.dialects import AS_BYTES, ONE
from broker.storage.moments import NOW, in_seconds
from broker.storage.tables import (
    branches,
    comparisons,
    comparisons_to_make,
    integrations,
    pact_publications,
    pact_versions,
    pacticipants,
    service_contract_policies,
    service_contract_publications,
    service_contract_sets,
    versions,
)
from tally.values import dataclass

_table = comparisons_to_make.c
PAUSE_BEFORE_A_QUESTION = 600.0
"""Seconds after a try that brought no answer until a question brings the next one forward."""


@dataclass(frozen=True)
class PendingComparison:
    """A comparison that only this process may make, until its lease ends. *pact* is JSON, as stored.

    *guaranteed* is what the policy of the provider says; *failures* are the tries that brought no answer.
    """

    id: int
    claim: int
    pact_version_id: int
    consumer_id: int
    provider_id: int
    pact_sha: str
    set_id: int
    set_sha: str
    consumer: str
    provider: str
    base_url: str
    guaranteed: bool
    failures: int
    pact: bytes


def _consumer_versions() -> list[Select[Any]]:
    """Select the ids of the versions of consumers of a provider that questions are about."""
    found = [
        select(branches.c.head_version_id)
        .join_from(integrations, branches, branches.c.pacticipant_id == integrations.c.consumer_id)
        .where(branches.c.head_version_id.is_not(None))
    ]
    found += [
        select(there.c.version_id)
        .join_from(integrations, there, there.c.pacticipant_id == integrations.c.consumer_id)
        .where(is_there)
        for there, is_there in IN_ENVIRONMENT_NOW
    ]
    return [statement.where(integrations.c.provider_id == bindparam("provider_id")) for statement in found]


_pacts = union(
    select(pact_publications.c.pact_version_id).where(
        pact_publications.c.provider_id == bindparam("provider_id"),
        pact_publications.c.consumer_version_id.in_(union(*_consumer_versions())),
        is_current(pact_publications),
    ),
    select(newest_of_pair(integrations.c.consumer_id, integrations.c.provider_id, "pact_version_id")).where(
        integrations.c.provider_id == bindparam("provider_id")
    ),
).subquery("pacts")

_OF = service_contract_publications
_newest_published = (
    newest(versions, versions.c.id)
    .join_from(versions, _OF, _OF.c.version_id == versions.c.id)
    .where(versions.c.pacticipant_id == pacticipants.c.id)
    .correlate(pacticipants)
    .scalar_subquery()
)
_AMONG: BindParameter[Any] = bindparam("provider_ids", expanding=True)
_sets = union(
    select(branches.c.pacticipant_id.label("provider_id"), _OF.c.set_id)
    .join_from(branches, _OF, _OF.c.version_id == branches.c.head_version_id)
    .where(branches.c.pacticipant_id.in_(_AMONG)),
    *(
        select(there.c.pacticipant_id, _OF.c.set_id)
        .join_from(there, _OF, _OF.c.version_id == there.c.version_id)
        .where(there.c.pacticipant_id.in_(_AMONG), is_there)
        for there, is_there in IN_ENVIRONMENT_NOW
    ),
    select(pacticipants.c.id, _OF.c.set_id)
    .join_from(pacticipants, _OF, _OF.c.version_id == _newest_published)
    .where(pacticipants.c.id.in_(_AMONG)),
).subquery("sets")


def _not_in(table: Table, pairs: Select[Any], *which: ColumnElement[bool]) -> Select[Any]:
    """Select those of the pairs of a pact and a set of which the table has no row, of those *which* count."""
    pact_id, set_id = pairs.selected_columns
    known = exists().where(table.c.pact_version_id == pact_id, table.c.set_id == set_id, *which)
    return pairs.where(~known.correlate_except(table))


_PAUSES = and_(_table.failures > 0, ~_table.claimed)
"""Waits for another try."""
_PAUSED_LONG = and_(_PAUSES, _table.failed_at <= in_seconds("before"))


def _add(pairs: Select[Any], pauses: ColumnElement[bool] = _PAUSES) -> Insert:
    """Note the pairs of contents that were not compared; *pairs* selects a pact and a set.

    What is there already stays as it is, but what *pauses* is due as if it were new.
    """
    pact_id, _ = pairs.selected_columns
    rows = _not_in(comparisons, pairs.where(pact_id.is_not(None))).add_columns(
        bindparam("base_url", type_=_table.base_url.type), literal(0), in_seconds("delay")
    )
    names = ["pact_version_id", "set_id", "base_url", "claims", "due_at"]
    added = insert(comparisons_to_make).from_select(names, rows)
    return added.on_conflict_do_update(
        index_elements=["pact_version_id", "set_id"],
        set_={"due_at": added.excluded.due_at},
        where=and_(pauses, _table.due_at > added.excluded.due_at),
    ).returning(_table.id)


_ADD_FOR_SET = _add(
    select(_pacts.c.pact_version_id, service_contract_sets.c.id).join_from(
        _pacts, service_contract_sets, service_contract_sets.c.id == bindparam("of_set")
    )
)
_ADD_FOR_PACTS = _add(
    select(pact_publications.c.pact_version_id, _sets.c.set_id)
    .join_from(pact_publications, _sets, _sets.c.provider_id == pact_publications.c.provider_id)
    .where(pact_publications.c.consumer_version_id == bindparam("of_version"), is_current(pact_publications))
    .distinct()
)
_between = (
    select(pact_publications.c.pact_version_id, _OF.c.set_id)
    .join_from(pact_publications, versions, versions.c.pacticipant_id == pact_publications.c.provider_id)
    .join(_OF, _OF.c.version_id == versions.c.id)
    .where(
        pact_publications.c.consumer_version_id.in_(bindparam("consumer_version_ids", expanding=True)),
        is_current(pact_publications),
        versions.c.id.in_(bindparam("provider_version_ids", expanding=True)),
    )
    .distinct()
)
_ADD_BETWEEN = _add(_between, _PAUSED_LONG)
_ANY_NEW_BETWEEN = _not_in(
    comparisons_to_make, _not_in(comparisons, _between), or_(~_PAUSED_LONG, _table.due_at <= NOW)
).limit(ONE)
_ANY_DUE = select(literal(1)).where(_table.due_at <= NOW).limit(ONE)
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_providers = pacticipants.alias("providers")
_consumers = pacticipants.alias("consumers")
_CLAIMED = (
    select(
        _table.id,
        _table.claims + 1,
        pact_versions.c.id,
        pact_versions.c.consumer_id,
        pact_versions.c.provider_id,
        pact_versions.c.sha,
        service_contract_sets.c.id,
        service_contract_sets.c.sha,
        _consumers.c.name,
        _providers.c.name,
        _table.base_url,
        func.coalesce(service_contract_policies.c.guaranteed, literal(False)),  # noqa: FBT003 - SQL's false
        _table.failures,
        STORED_CONTENT,
    )
    .select_from(comparisons_to_make)
    .join(pact_versions, pact_versions.c.id == _table.pact_version_id)
    .join(service_contract_sets, service_contract_sets.c.id == _table.set_id)
    .join(_consumers, _consumers.c.id == pact_versions.c.consumer_id)
    .join(_providers, _providers.c.id == pact_versions.c.provider_id)
    .outerjoin(
        service_contract_policies,
        service_contract_policies.c.pacticipant_id == pact_versions.c.provider_id,
    )
    # Two workers must not make the same comparison, and neither waits for the other.
    .with_for_update(skip_locked=True, of=comparisons_to_make)
    .execution_options(**AS_BYTES)
)
_DUE = (
    _CLAIMED.where(_table.due_at <= NOW)
    .order_by(_table.due_at, _table.set_id, _table.id)
    .limit(bindparam("most"))
)
_THESE = _CLAIMED.where(_table.id.in_(_IDS), ~_table.claimed).order_by(_table.set_id, _table.id)
_CLAIM = (
    update(comparisons_to_make)
    .where(_table.id.in_(_IDS))
    .values(claims=_table.claims + 1, claimed=true(), due_at=in_seconds("lease"))
)
_IS_OURS = (_table.id == bindparam("of_id"), _table.claims == bindparam("claim"))
_GIVE_BACK = update(comparisons_to_make).where(*_IS_OURS).values(claimed=false(), due_at=NOW)
_FAILED = (
    update(comparisons_to_make)
    .where(*_IS_OURS)
    .values(
        claimed=false(),
        due_at=in_seconds("pause"),
        failures=_table.failures + 1,
        failed_at=NOW,
        reason=bindparam("why"),
    )
)
_HURRY = update(comparisons_to_make).where(_table.id.in_(_IDS), ~_table.claimed).values(due_at=NOW)
_DONE = delete(comparisons_to_make).where(*_IS_OURS)
_WAITING = select(func.count()).where(_table.set_id == bindparam("set_id"))


class PendingComparisons:
    """Comparisons that are still to be made."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_for_set(self, provider: Pacticipant, set_id: int, base_url: str, delay: float) -> list[int]:
        """Note what is to be compared with a set of *provider*, in *delay* seconds; return what is new."""
        values = {"provider_id": provider.id, "of_set": set_id, "base_url": base_url, "delay": float(delay)}
        return list(self._connection.scalars(_ADD_FOR_SET, values))

    def add_for_pacts(
        self, version: Version, provider_ids: Collection[int], base_url: str, delay: float
    ) -> list[int]:
        """Note what the pacts of *version* with these providers are compared with; return what is new."""
        values = {
            "of_version": version.id,
            "provider_ids": list(provider_ids),
            "base_url": base_url,
            "delay": float(delay),
        }
        return list(self._connection.scalars(_ADD_FOR_PACTS, values))

    def any_new_between(
        self, consumer_version_ids: Collection[int], provider_version_ids: Collection[int]
    ) -> bool:
        """Return whether a pact and documents of these versions were not compared, and will not be soon."""
        values = {
            "consumer_version_ids": list(consumer_version_ids),
            "provider_version_ids": list(provider_version_ids),
            "before": -PAUSE_BEFORE_A_QUESTION,
        }
        return self._connection.execute(_ANY_NEW_BETWEEN, values).first() is not None

    def add_between(
        self, consumer_version_ids: Collection[int], provider_version_ids: Collection[int], base_url: str
    ) -> list[int]:
        """Note what the pacts of these versions are compared with, which somebody has asked about.

        What could not be compared is tried again, but not each time that somebody asks.
        """
        values = {
            "consumer_version_ids": list(consumer_version_ids),
            "provider_version_ids": list(provider_version_ids),
            "base_url": base_url,
            "delay": 0.0,
            "before": -PAUSE_BEFORE_A_QUESTION,
        }
        return list(self._connection.scalars(_ADD_BETWEEN, values))

    def any_due(self) -> bool:
        """Return whether there is anything to claim."""
        return self._connection.scalar(_ANY_DUE) is not None

    def claim(self, lease: float, *, most: int) -> list[PendingComparison]:
        """Claim up to *most* that are due, those due longest first, for so many seconds (*lease*)."""
        return self._claimed(_DUE, {"most": most}, lease)

    def claim_these(self, ids: Sequence[int], lease: float) -> list[PendingComparison]:
        """Claim those of *ids* that nobody has claimed yet."""
        return self._claimed(_THESE, {"ids": list(ids)}, lease)

    def let_be_due(self, ids: Sequence[int]) -> None:
        """Leave those of *ids* that nobody has claimed to any process, at once."""
        self._connection.execute(_HURRY, {"ids": list(ids)})

    def give_back(self, pending: PendingComparison) -> None:
        """Let it be due at once, unless another process has claimed it."""
        self._connection.execute(_GIVE_BACK, {"of_id": pending.id, "claim": pending.claim})

    def record_failure(self, pending: PendingComparison, reason: str, pause: float) -> None:
        """Keep why it brought no answer, and let it be due after a *pause*, as `give_back` does."""
        values = {"of_id": pending.id, "claim": pending.claim, "pause": float(pause), "why": reason}
        self._connection.execute(_FAILED, values)

    def remove(self, pending: PendingComparison) -> bool:
        """Forget what was made. Return False when another process has claimed it, or it was deleted."""
        values = {"of_id": pending.id, "claim": pending.claim}
        return self._connection.execute(_DONE, values).rowcount > 0

    def waiting(self, set_id: int) -> int:
        """Return how many comparisons with a set are still to be made."""
        return int(self._connection.scalar(_WAITING, {"set_id": set_id}) or 0)

    def _claimed(
        self, statement: Select[Any], values: dict[str, Any], lease: float
    ) -> list[PendingComparison]:
        found = [PendingComparison(*row) for row in self._connection.execute(statement, values)]
        if found:
            self._connection.execute(_CLAIM, {"ids": [item.id for item in found], "lease": float(lease)})
        return found
