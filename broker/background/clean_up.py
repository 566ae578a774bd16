"""Clean up: decide what to delete, then delete it in batches so short that requests hardly wait."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

from cronsim import CronSim, CronSimError

from broker.background.clean_up_batches import LARGEST_BATCH, UNHURRIED, Batches, Pace
from broker.domain.retention import keep_selectors
from broker.domain.retention.keep_selectors import MOST_DAYS, InvalidSelectorError
from broker.domain.retention.plan import BranchesToDelete, CleanUpPlan, combine, decide_branches
from broker.domain.retention.policy import DEFAULT, BranchFacts, BranchSelector, Policy, VersionFacts, decide
from broker.services.audit import retention
from broker.services.audit.on_machine import OnMachine
from broker.settings.settings import InvalidSettingError, Settings
from broker.storage import job_successes, leases
from broker.storage.database import Database
from broker.storage.failures import failure_of
from broker.storage.held_lease import HeldLease
from broker.storage.retention.deletions import (
    OVERWRITTEN,
    STALE_BRANCHES,
    UNUSED_PACTS,
    UNUSED_SCENARIO_RESULTS,
    UNUSED_SERVICE_CONTRACTS,
    UNUSED_SETS_OF_DOCUMENTS,
    VERSIONS,
    Kind,
)
from broker.storage.storage import Storage

logger = logging.getLogger("broker.cleaning")
SECONDS_TO_STOP = 10
LEASE = 300
"""Seconds after which the next clean-up may begin when this one was killed."""
LOOK_AGAIN = 600
"""Seconds until a clean-up that waits looks at the clock again, as it may have been set."""
MOST_HOURS = 8760

Counts = Mapping[str, Mapping[str, int]]
"""How many rows were deleted and kept, by the name of the table."""


class _StoppedError(Exception):
    """The server stops; the rest is deleted the next time."""


class BusyError(Exception):
    """Another clean-up is running on this database."""


def policy(settings: Settings) -> Policy:
    """Return the policy of the settings. Raises InvalidSettingError."""
    text = settings.database_clean_keep_version_selectors
    try:
        selectors = keep_selectors.parse(text) if text else DEFAULT
    except InvalidSelectorError as error:
        raise InvalidSettingError(f"TALLY_DATABASE_CLEAN_KEEP_VERSION_SELECTORS: {error}") from error
    limit = settings.database_clean_deletion_limit
    branch_limit = settings.database_clean_branch_deletion_limit
    return Policy(
        selectors,
        limit=limit,
        overwritten_days=_days("OVERWRITTEN_DATA_MAX_AGE", settings.database_clean_overwritten_data_max_age),
        branch_selectors=_branch_selectors(settings),
        branch_limit=limit if branch_limit is None else branch_limit,
    )


def _branch_selectors(settings: Settings) -> tuple[BranchSelector, ...]:
    days = _days("BRANCH_MAX_AGE", settings.database_clean_branch_max_age)
    text = settings.database_clean_keep_branch_selectors
    try:
        selectors = keep_selectors.parse_branches(text) if text else (BranchSelector(max_age=days),)
    except InvalidSelectorError as error:
        raise InvalidSettingError(f"TALLY_DATABASE_CLEAN_KEEP_BRANCH_SELECTORS: {error}") from error
    names = settings.database_clean_keep_branches
    return (*selectors, BranchSelector(names=names)) if selectors and names else selectors


def _days(name: str, days: int) -> int:
    if days > MOST_DAYS:
        raise InvalidSettingError(f"TALLY_DATABASE_CLEAN_{name} must be at most {MOST_DAYS} days, not {days}")
    return days


def schedule(settings: Settings) -> Callable[[datetime], float]:
    """Return a function that says how many seconds after a moment the next regular clean-up begins.

    Raises InvalidSettingError.
    """
    line = settings.database_clean_cron_schedule
    if not line:
        hours = settings.database_clean_interval
        if not 1 <= hours <= MOST_HOURS:
            raise InvalidSettingError(
                f"TALLY_DATABASE_CLEAN_INTERVAL must be from 1 to {MOST_HOURS} hours, not {hours}"
            )
        return lambda _now: hours * 3600.0
    try:
        next(CronSim(line, datetime.now(UTC)))
    except (CronSimError, StopIteration) as error:
        raise InvalidSettingError(
            f"TALLY_DATABASE_CLEAN_CRON_SCHEDULE must be five fields such as `15 2 * * *`, not {line!r}"
        ) from error
    return lambda now: (next(CronSim(line, now)) - now).total_seconds()


def plan(database: Database, policy: Policy, now: datetime) -> CleanUpPlan:
    """Return what a clean-up would do now."""
    with database.reading() as storage:
        branches = decide_branches(storage.retention_facts.branches(), policy, now)
        return _plan(storage, policy, now, branches)


def _plan(storage: Storage, policy: Policy, now: datetime, branches: BranchesToDelete) -> CleanUpPlan:
    """Decide about the versions as if the branches that go were gone: their heads are no heads any more."""
    facts = storage.retention_facts.by_pacticipant()
    decisions = (
        decide(name, _without(versions, branches.going_of(name)), policy, now) for name, versions in facts
    )
    return combine(decisions, branches, policy)


def _without(versions: list[VersionFacts], gone: Sequence[BranchFacts]) -> list[VersionFacts]:
    if not gone:
        return versions
    names = {branch.name for branch in gone}
    return [
        replace(
            version, branches={name: head for name, head in version.branches.items() if name not in names}
        )
        for version in versions
    ]


def clean(
    database: Database,
    policy: Policy,
    now: datetime,
    *,
    pace: Pace = UNHURRIED,
    by: OnMachine | None = None,
) -> Counts:
    """Delete what *policy* does not keep. Raises BusyError when another clean-up is running.

    It may be interrupted at any time: each batch is a transaction of its own. What was deleted is an entry of
    the audit log, which says *by* whom.
    """
    with HeldLease(database, leases.CLEAN_UP, LEASE) as lease:
        if not lease.is_ours:
            raise BusyError("Another clean-up is running on this database.")
        deleted = Counter[str]()
        batches = Batches(database, policy, now, pace, renew=lease.renew)
        try:
            for kind, ids, before in _to_delete(database, policy, now):
                deleted[kind.table.name] += 0  # so that it is reported, even when nothing is deleted
                for batch in batches.delete(kind, ids, before):
                    deleted.update(batch)
        finally:
            if by and any(deleted.values()):
                _tell_audit_log(database, by, deleted, now)
        with database.reading() as storage:
            kept = storage.retention_facts.count_tables()
    return {str(table): {"deleted": deleted[table], "kept": kept[table]} for table in sorted(deleted)}


def _tell_audit_log(database: Database, by: OnMachine, deleted: Mapping[str, int], now: datetime) -> None:
    counts = {table: count for table, count in sorted(deleted.items()) if count}
    database.write(
        lambda storage: by.note(
            storage, "clean-up", kind="data", name="clean-up", now=now, after={"deleted": counts}
        )
    )


def clean_audit_log(database: Database, months: int, now: datetime, by: OnMachine) -> int:
    """Remove the entries of the audit log that are older than *months*; return how many seals they had."""
    count = 0
    while months:
        removed = database.write(lambda storage: retention.remove_some(storage, months, now, by.actor))
        count += removed
        if not removed:
            break
    return count


def note_success(database: Database, seconds: float) -> None:
    """Store that a clean-up was carried out to its end, in so many seconds."""
    database.write(lambda storage: storage.job_successes.note(job_successes.CLEAN_UP, seconds))


@contextmanager
def regularly(
    database: Database, settings: Settings, *, first: float = 60, largest_batch: int = LARGEST_BATCH
) -> Iterator[None]:
    """Clean up in a thread while the block runs, if the settings say so: after *first* s, then regularly.

    Several servers may do so: one of them cleans up, and the others find nothing left to delete.
    """
    if not settings.database_clean_enabled:
        yield
        return
    stopping = Event()

    def pause(seconds: float) -> None:
        if stopping.wait(seconds):
            raise _StoppedError

    def run() -> None:
        _clean_regularly(database, settings, first, stopping, Pace(pause, largest_batch))

    thread = Thread(target=run, name="cleaning", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(SECONDS_TO_STOP)


def _clean_regularly(
    database: Database, settings: Settings, first: float, stopping: Event, pace: Pace
) -> None:
    is_due = not settings.database_clean_cron_schedule and not stopping.wait(first)
    while is_due or _wait(database, settings, stopping):
        is_due = False
        try:
            _clean_and_log(database, settings, pace)
        except _StoppedError:
            return
        except BusyError as error:
            logger.info("%s", error)
        except Exception:
            logger.exception("The clean-up failed; the next one tries again")


def _wait(database: Database, settings: Settings, stopping: Event) -> bool:
    """Wait until the next clean-up is due, and return True; return False when it is time to stop."""
    seconds_until = schedule(settings)
    if not settings.database_clean_cron_schedule:
        return not stopping.wait(seconds_until(_now(database)))
    due = datetime.max.replace(tzinfo=UTC)
    while True:
        now = _now(database)
        due = min(due, now + timedelta(seconds=seconds_until(now)))
        left = (due - now).total_seconds()
        if left <= 0:
            return True
        if stopping.wait(min(left, LOOK_AGAIN)):
            return False


def _now(database: Database) -> datetime:
    """Return the moment by the clock that all processes share or, when it does not answer, by ours."""
    try:
        return database.now()
    except Exception as error:
        if failure_of(error) is None:
            raise
        return datetime.now(UTC)


def _clean_and_log(database: Database, settings: Settings, pace: Pace) -> None:
    now = database.now()
    if settings.database_clean_dry_run:
        logger.info("Clean-up, dry run: %s", plan(database, policy(settings), now).to_document()["counts"])
        return
    started = time.monotonic()
    counts = clean(database, policy(settings), now, pace=pace, by=OnMachine.by_itself(settings))
    note_success(database, time.monotonic() - started)
    logger.info("Cleaned up: %s", {name: count["deleted"] for name, count in counts.items()})


def _to_delete(
    database: Database, policy: Policy, now: datetime
) -> Iterator[tuple[Kind, Sequence[int], datetime]]:
    """Yield what to delete.

    Each kind is looked up when the one before is deleted: a version that only its branch kept goes with the
    branch, and contents that only deleted versions had are unused.
    """
    with database.reading() as storage:
        stale = decide_branches(storage.retention_facts.branches(), policy, now)
    yield STALE_BRANCHES, stale.ids, now
    with database.reading() as storage:
        decided = _plan(storage, policy, now, replace(stale, going=()))
    yield VERSIONS, decided.version_ids, now
    overwritten = now - timedelta(days=policy.overwritten_days)
    for kind, before in [
        *((kind, overwritten) for kind in OVERWRITTEN),
        (UNUSED_PACTS, now),
        (UNUSED_SETS_OF_DOCUMENTS, now),
        (UNUSED_SERVICE_CONTRACTS, now),
        (UNUSED_SCENARIO_RESULTS, now),
    ]:
        with database.reading() as storage:
            ids = storage.deletions.find(kind, before)
        yield kind, ids, before
