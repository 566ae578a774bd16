"""Comparisons of contracts that a request makes itself, instead of leaving them to a worker."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from broker.domain.service_contracts.documents import NewServiceContract
from broker.services.service_contracts import compatibility
from broker.services.service_contracts.comparing import MadeComparison, make_at_once
from broker.services.service_contracts.compatibility import NOTHING_BEFORE, Outlook
from broker.services.service_contracts.judging_process import PROCESSES
from broker.storage.failures import failure_of
from broker.storage.storage import Storage
from broker.web import idempotency, import_requests, rehearsals, request_ids
from broker.web.context import clock, database
from broker.web.hal import Links

_Answer = TypeVar("_Answer")


def after_comparing(ids: Sequence[int], answer: Callable[[Sequence[MadeComparison]], _Answer]) -> _Answer:
    """Make comparisons that this request has asked for, if they are few; return what *answer* says of them.

    What is left is made by a worker. A request with an Idempotency-Key makes them when it is committed.
    """
    if not ids or rehearsals.asked_for():
        return answer([])
    if run := idempotency.current_run():
        run.finish = lambda: answer(_made_now(ids))
        return answer([])
    return answer(_made_now(ids))


def _made_now(ids: Sequence[int]) -> Sequence[MadeComparison]:
    try:
        return make_at_once(_transaction, ids, PROCESSES, clock(), addresses=Links)
    except Exception as error:
        if failure_of(error) is None:
            raise
        return []  # what the request has stored is stored


@contextmanager
def _transaction() -> Iterator[Storage]:
    with database().transaction() as storage:
        storage.trace = request_ids.trace
        yield storage


def look_back(contract: NewServiceContract) -> Outlook:
    """Compare the documents that are to be published with those of earlier versions, before the transaction.

    A copy of a publication is not compared: whatever came of it is done.
    """
    if import_requests.date() is not None or rehearsals.asked_for():
        return NOTHING_BEFORE
    return compatibility.look_back(database().reading, contract, PROCESSES)
