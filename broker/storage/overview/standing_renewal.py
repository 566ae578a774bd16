"""Renewing the standings that a transaction changed: lock, read, judge, and write what is different."""

from collections.abc import Sequence
from functools import cache
from itertools import groupby
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Select, bindparam, delete, exists, insert, not_, select, text, update

from broker.domain.decisions.evidence import ComparisonMade, ComparisonVerdict, DocumentEvidence, PairEvidence
from broker.domain.decisions.standings import Facts, Judged, Replay, in_environment, on_main
from broker.domain.overview.standings import RANK, FailedInteractions, failed_interactions
from broker.domain.overview.summaries import PactStatus
from broker.domain.pacts import outline
from broker.domain.pacts.outline import Outline
from broker.domain.service_contracts.policy import Evidence, Policy
from broker.storage.dialects import is_always_serializable, is_in
from broker.storage.direct_statements import later
from broker.storage.overview.standing_facts import BROKEN, JUDGED, KEPT, statement
from broker.storage.overview.standing_places import MAIN, kept_of_marked
from broker.storage.overview.unchanged_standings import are_unchanged
from broker.storage.standing_marks import StandingMarks
from broker.storage.tables import pact_versions, standings, standings_lock, verifications
from broker.storage.values_of_rows import values_of

_DEFAULT = Policy().evidence.value
_OWN_RESULTS = {BROKEN: False, KEPT: True}
"""Anything else is not known: a document that nobody has verified, or a set without any."""
_FAILURES = (PactStatus.FAILED, PactStatus.PENDING)
# A table of its own: a lock of the standings themselves would keep out autovacuum, and whoever deletes. Where
# all transactions are serializable, nobody needs to wait: who has read what another changed runs again.
LOCK_ALONE = text("LOCK TABLE standings_lock IN EXCLUSIVE MODE")
# It has no rows: this locks the table in ROW SHARE mode, which many may hold, but nobody beside who is alone.
_NOBODY_IS_ALONE = not_(exists(select(standings_lock.c.id).with_for_update(read=True)))
_ADD = insert(standings)
_CHANGE = (
    update(standings)
    .where(standings.c.id == bindparam("of_id"))
    .values({name: bindparam(f"new_{name}") for name in JUDGED})
)
_REMOVE = delete(standings).where(is_in(standings.c.id, "ids"))
_TEST_RESULTS = (
    select(verifications.c.id, verifications.c.test_results, pact_versions.c.outline)
    .join_from(verifications, pact_versions)
    .where(is_in(verifications.c.id, "numbers"))
)


class _Renewed(NamedTuple):
    """A standing as it follows from what is stored, and as it was kept; *kept_id* is None for a new one.

    *judged* is None when the integration is not at the place any more.
    """

    key: tuple[int, int, int, int]
    judged: Judged | None
    interactions: int
    results: str
    kept_id: int | None
    kept: tuple[Any, ...]

    def values(self, failures: bytes | None) -> tuple[Any, ...]:
        """Return the values of the columns JUDGED."""
        judged = self.judged
        assert judged is not None  # noqa: S101 - those that are gone have no values
        return (
            RANK[judged.verdict],
            judged.consumer_version_id,
            judged.provider_version_id,
            judged.pact_version_id,
            judged.result,
            self.interactions,
            judged.since_version_id,
            judged.since,
            failures,
            self.results,
        )


class StandingRenewal:
    """Renews standings. Nothing that the transaction does after it may change what they follow from."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def renew_all(self) -> None:
        """Renew the standings of all integrations."""
        marks = StandingMarks()
        marks.all_of_them()
        self.renew(marks)

    def renew(self, marks: StandingMarks) -> None:
        """Let the standings be what follows from all that is stored."""
        renewed = self._locked(marks)
        failures = self._failures(renewed)
        added, changed, gone = [], [], []
        for item in renewed:
            if item.judged is None:
                gone.append(item.kept_id)
                continue
            values = item.values(failures.get(item.judged.result or 0))
            if item.kept_id is None:
                added.append(_new(item.key, values))
            elif values != item.kept:
                named = zip(JUDGED, values, strict=True)
                changed.append({"of_id": item.kept_id, **{f"new_{name}": value for name, value in named}})
        if added:
            later(self._connection, _ADD, values_of(added))
        if changed:
            later(self._connection, _CHANGE, values_of(changed))
        if gone:
            later(self._connection, _REMOVE, {"ids": gone})

    def _locked(self, marks: StandingMarks) -> list[_Renewed]:
        """Lock and read. What is read was committed after others held the lock, or before."""
        if is_always_serializable(self._connection.dialect):
            return self._read(marks)
        if not marks.alone:
            values = marks.values()
            later(self._connection, _lock(frozenset(values)), values)
            renewed = self._read(marks)
            if all(item.kept_id is not None or item.key[_PLACE] != MAIN for item in renewed):
                return renewed
            # An integration without a standing: it was deleted and published again meanwhile.
        later(self._connection, LOCK_ALONE, {})
        return self._read(marks)

    def _read(self, marks: StandingMarks) -> list[_Renewed]:
        if are_unchanged(self._connection, marks):
            return []
        values = marks.values()
        asked = statement(frozenset(values), with_results=marks.results)
        rows = self._connection.execute(asked, values).all()
        groups = groupby(sorted(rows, key=_integration_and_place), key=_integration_and_place)
        return [_renewed(list(group), with_results=marks.results) for _, group in groups]

    def _failures(self, renewed: Sequence[_Renewed]) -> dict[int, bytes | None]:
        """Return what failed in the results that decided, by their numbers; results are read once."""
        found: dict[int, bytes | None] = {}
        unread = []
        for item in renewed:
            judged = item.judged
            if judged is None or judged.result is None or judged.verdict not in _FAILURES:
                continue
            if item.kept_id is not None and item.kept[_RESULT] == judged.result:
                found[judged.result] = item.kept[_FAILURES_COLUMN]
            else:
                unread.append(judged.result)
        if missing := [number for number in unread if number not in found]:
            rows = self._connection.execute(_TEST_RESULTS, {"numbers": missing}).all()
            for number, test_results, stored_outline in rows:
                found[number] = _told(test_results, outline.read(stored_outline))
        return found


_RESULT, _FAILURES_COLUMN, _RESULTS = (
    JUDGED.index(name) for name in ("verification_id", "failures", "results")
)
_JUDGED_AT = -len(JUDGED)
_PLACE = 3


@cache
def _lock(marks: frozenset[str]) -> Select[Any]:
    # The standing on main stands for the integration. The rows are locked in order, so two renewals never
    # wait for each other. Publications have locked the row of the integration before, and in another order.
    kept = kept_of_marked(marks).where(_NOBODY_IS_ALONE)
    return kept.with_for_update(key_share=True, of=standings)


def _integration_and_place(row: Any) -> tuple[int, int]:
    return row[0], row[_PLACE]


def _new(key: tuple[int, int, int, int], values: tuple[Any, ...]) -> dict[str, Any]:
    integration_id, consumer_id, provider_id, place = key
    return {
        "integration_id": integration_id,
        "consumer_id": consumer_id,
        "provider_id": provider_id,
        "environment_id": place or None,
        "place": place,
        **dict(zip(JUDGED, values, strict=True)),
    }


def _renewed(rows: Sequence[Any], *, with_results: bool) -> _Renewed:
    first = rows[0]
    place = first[_PLACE]
    kept_id, kept = first[_JUDGED_AT - 1], tuple(first[_JUDGED_AT:])
    if place == MAIN:
        facts, interactions, newest = _facts(first)
        results = (newest or "")[::-1] if with_results or kept_id is None else kept[_RESULTS]
        return _Renewed(first[:4], on_main(facts), interactions or 0, results, kept_id, kept)
    found = [read for read in map(_facts, rows) if read[0].pact_version_id is not None]
    if not found:
        return _Renewed(first[:4], None, 0, "", kept_id, kept)
    judged = in_environment([facts for facts, *_ in found])
    interactions = next(
        number for facts, number, _ in found if facts.pact_version_id == judged.pact_version_id
    )
    return _Renewed(first[:4], judged, interactions or 0, "", kept_id, kept)


def _facts(row: Any) -> tuple[Facts, int | None, str | None]:
    # All columns at once: a head that moves has hundreds of rows, and look-ups by name take their time.
    consumer_version, provider_version, pact, published_at, provider_created_at = row[4:9]
    set_id, policy, comparison_id, comparison, compared_at, own_results = row[24:30]
    was_verified, interactions, newest_results = row[30:33]
    met_at = max(published_at, provider_created_at) if provider_created_at and published_at else published_at
    evidence = None
    if set_id is not None:
        success = _OWN_RESULTS.get(own_results)
        made = comparison_id and ComparisonMade(comparison_id, ComparisonVerdict(comparison), compared_at)
        documents = (DocumentEvidence("", "", "", success),)
        evidence = PairEvidence(Evidence(policy or _DEFAULT), made or None, documents)
    facts = Facts(
        consumer_version,
        provider_version,
        pact,
        met_at,
        _replay(row[9:14]),
        evidence,
        _replay(row[14:19]),
        _replay(row[19:24]),
        bool(was_verified),
    )
    return facts, interactions, newest_results


def _replay(columns: Any) -> Replay | None:
    number, version_id, success, pending, at = columns
    return None if number is None else Replay(number, version_id, bool(success), bool(pending), at)


def _told(test_results: bytes | None, of_content: Outline) -> bytes | None:
    failed = failed_interactions(test_results, of_content)
    return None if failed is None else orjson.dumps(failed)


def failures_of(stored: bytes | None) -> FailedInteractions | None:
    """Return what was kept of failed interactions."""
    if stored is None:
        return None
    told = orjson.loads(stored)
    return FailedInteractions(**{**told, "names": tuple(told["names"])})
