"""Comparing pacts with the documents of services, in no transaction: claim, compare, record."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Any

import orjson

from broker.domain.decisions.comparisons import ComparedPair
from broker.domain.decisions.evidence import ComparisonVerdict
from broker.domain.verifications.result import PactContent
from broker.domain.webhooks.parameters import Addresses
from broker.services.service_contracts.judgements import GUARANTEED, NOT_MADE, POSSIBLE
from broker.services.service_contracts.judging_process import (
    JudgingProcess,
    JudgingProcesses,
    TookTooLongError,
)
from broker.services.webhooks import contract_events
from broker.services.webhooks.contract_events import Compared
from broker.storage.elsewhere import ContentStoreError
from broker.storage.service_contracts.pending_comparisons import PendingComparison
from broker.storage.storage import Storage
from tally.values import dataclass

logger = logging.getLogger("broker.comparing")
FEW = 20
"""How many comparisons are made before a publication is answered."""
SECONDS_BEFORE_THE_ANSWER = 2.0
"""After these the rest is left to the worker."""
SECONDS_FOR_ONE = 10.0
LEASE = 120.0
"""Seconds for what is claimed at once; a process that is gone leaves it to others after that."""
AT_ONCE = 10
"""How many comparisons a worker claims; each may take all of its time."""
HEAD_START = 10.0
"""Seconds until a worker makes the comparisons that the request itself is about to make."""
PAUSES = (60.0, 600.0, 3600.0)
"""Seconds after the first tries that brought no answer."""
LONGEST_PAUSE = 86400.0
"""Seconds after each further one: it ends with the pact, or with the documents."""

_IS_GUARANTEED = {POSSIBLE: False, GUARANTEED: True}
Transaction = Callable[[], AbstractContextManager[Storage]]


@dataclass(frozen=True)
class MadeComparison:
    """A comparison that was made just now: verdicts, and JSON as `tally compare` prints it.

    The keys say whether what is not guaranteed counts.
    """

    pending: PendingComparison
    verdicts: Mapping[bool, ComparisonVerdict]
    findings: Mapping[bool, bytes]
    numbers: Mapping[bool, int | None]

    @property
    def verdict(self) -> ComparisonVerdict:
        """The verdict by the policy of the provider."""
        return self.verdicts[self.pending.guaranteed]

    @property
    def number(self) -> int | None:
        """The number by which it is found; None when another process has made it meanwhile."""
        return self.numbers[self.pending.guaranteed]

    @property
    def json(self) -> bytes:
        """The comparison by the policy of the provider, with its findings."""
        return self.findings[self.pending.guaranteed]


@dataclass(frozen=True)
class _Outcome:
    """What came of a comparison. Without an answer, it is to be made again: at once, or after a *failure*."""

    pending: PendingComparison
    answer: Mapping[str, Any] | None
    failure: str = ""


def make_due(
    transaction: Transaction,
    processes: JudgingProcesses,
    now: Callable[[], datetime],
    addresses: Callable[[str], Addresses],
) -> None:
    """Make some comparisons that are due; *addresses* makes those for webhooks from what they start with."""
    with transaction() as storage:
        claimed = storage.pending_comparisons.claim(LEASE, most=AT_ONCE)
    _Making(transaction, processes, now, addresses).make(claimed, seconds=LEASE / 2)


def make_at_once(
    transaction: Transaction,
    ids: Sequence[int],
    processes: JudgingProcesses,
    now: Callable[[], datetime],
    *,
    addresses: Callable[[str], Addresses],
) -> list[MadeComparison]:
    """Make comparisons that were noted just now, if they are few; return those that were made in time.

    Many are left to the worker, which need not wait for this request.
    """
    if not ids:
        return []
    with transaction() as storage:
        if len(ids) > FEW:
            storage.pending_comparisons.let_be_due(ids)
            return []
        claimed = storage.pending_comparisons.claim_these(ids, SECONDS_BEFORE_THE_ANSWER + HEAD_START)
    making = _Making(transaction, processes, now, addresses)
    return making.make(claimed, seconds=SECONDS_BEFORE_THE_ANSWER)


@dataclass(frozen=True)
class _Making:
    transaction: Transaction
    processes: JudgingProcesses
    now: Callable[[], datetime]
    addresses: Callable[[str], Addresses]

    def make(self, claimed: Sequence[PendingComparison], seconds: float) -> list[MadeComparison]:
        """Compare for so many *seconds*, and record what came of it; what is left is due at once."""
        deadline = time.monotonic() + seconds
        made: list[MadeComparison] = []
        for set_id, group in groupby(claimed, key=lambda pending: pending.set_id):
            with self.transaction() as storage:
                documents = storage.document_sets.texts(set_id)
                read = storage.moved_contents.reader()
            readable, unreadable = _read(group, read)
            outcomes = [*unreadable, *_of_set(readable, documents, self.processes, deadline)]
            with self.transaction() as storage:
                recorded = _record(storage, outcomes, self.now())
                self._notify(storage, recorded)
            made += recorded
        return made

    def _notify(self, storage: Storage, made: Sequence[MadeComparison]) -> None:
        told = [
            _event(item)
            for item in made
            if item.pending.base_url and item.verdict is not ComparisonVerdict.UNKNOWN
        ]
        if told:
            addresses = self.addresses(next(item.pending.base_url for item in made if item.pending.base_url))
            contract_events.compared(storage, told, addresses, self.now())


def _event(made: MadeComparison) -> Compared:
    pending = made.pending
    return Compared(
        consumer_id=pending.consumer_id,
        provider_id=pending.provider_id,
        pact_version_id=pending.pact_version_id,
        set_id=pending.set_id,
        pact_sha=pending.pact_sha,
        number=made.number,
        consumer=pending.consumer,
        provider=pending.provider,
        success=made.verdict is ComparisonVerdict.COMPATIBLE,
    )


def _read(
    claimed: Iterable[PendingComparison], read: Callable[[bytes], bytes]
) -> tuple[list[PendingComparison], list[_Outcome]]:
    """Return the claimed ones with their JSON, and what came of those whose JSON cannot be read now."""
    readable, unreadable = [], []
    for pending in claimed:
        try:
            readable.append(replace(pending, pact=read(pending.pact)))
        except ContentStoreError as error:
            unreadable.append(_not_made(pending, str(error)))
    return readable, unreadable


def _of_set(
    claimed: Sequence[PendingComparison],
    documents: Mapping[str, bytes],
    processes: JudgingProcesses,
    deadline: float,
) -> Iterator[_Outcome]:
    process: JudgingProcess | None = None
    for pending in claimed:
        left = deadline - time.monotonic()
        if left <= 0:
            yield _Outcome(pending, None)
            continue
        try:
            process = process or processes.take()
            seconds = min(left, SECONDS_FOR_ONE)
            answer = process.compare(pending.pact, pending.set_sha, documents, seconds)
        except TookTooLongError as error:
            process = None
            in_all = f"it took longer than {SECONDS_FOR_ONE:.0f} seconds"
            yield _not_made(pending, error.reason or (in_all if left >= SECONDS_FOR_ONE else ""))
        else:
            reason = answer.get(NOT_MADE)
            yield _not_made(pending, reason) if reason else _Outcome(pending, answer)
    if process is not None:
        processes.give_back(process)


def _not_made(pending: PendingComparison, reason: str) -> _Outcome:
    """Return that a comparison is to be tried again; without a *reason*, it had only a part of its time."""
    if reason:
        logger.warning(
            "A pact of %s could not be compared with the documents of %s: %s",
            pending.consumer,
            pending.provider,
            reason,
        )
    return _Outcome(pending, None, reason)


def _record(storage: Storage, outcomes: Iterable[_Outcome], now: datetime) -> list[MadeComparison]:
    """Store what came of comparisons; return those that were made."""
    made = []
    for outcome in outcomes:
        if outcome.failure:
            tries = outcome.pending.failures
            pause = PAUSES[tries] if tries < len(PAUSES) else LONGEST_PAUSE
            storage.pending_comparisons.record_failure(outcome.pending, outcome.failure, pause)
        elif outcome.answer is None:
            storage.pending_comparisons.give_back(outcome.pending)
        elif storage.pending_comparisons.remove(outcome.pending):
            made.append(_keep(storage, outcome.pending, outcome.answer, now))
    return made


def _keep(
    storage: Storage, pending: PendingComparison, answer: Mapping[str, Any], now: datetime
) -> MadeComparison:
    content = PactContent(pending.pact_version_id, pending.consumer_id, pending.provider_id)
    verdicts, findings, numbers = {}, {}, {}
    for policy, is_guaranteed in _IS_GUARANTEED.items():
        verdicts[is_guaranteed] = ComparisonVerdict(answer[policy]["verdict"])
        findings[is_guaranteed] = orjson.dumps(answer[policy])
        numbers[is_guaranteed] = storage.comparisons.add(
            ComparedPair(content, pending.set_id, is_guaranteed),
            verdicts[is_guaranteed],
            findings[is_guaranteed],
            now,
        )
    return MadeComparison(pending, verdicts, findings, numbers)
