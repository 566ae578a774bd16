"""What is read from the database when Prometheus asks, and never while other requests are answered."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from broker.domain.insights.gates import GateState
from broker.services.accounts import expiring
from broker.services.audit import reading as audit_log
from broker.services.insights import gates
from broker.services.webhooks import counts
from broker.storage.database import Database
from broker.storage.failures import failure_of
from broker.storage.storage import Storage
from broker.web.measured.families import gauge

MOST_WEBHOOKS = 100
"""Webhooks that have series of their own: those that fail most."""


class StoredState:
    """The queues, the jobs, the gates and the seals, as all processes see them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def describe(self) -> list[Any]:
        """Describe nothing, so that registering does not query the database."""
        return []

    def collect(self) -> Iterator[Any]:
        """Yield whether the database answers and, if it does, what is in it."""
        families = self._families()
        yield gauge("tally_database_up", "Whether the database answers.", float(families is not None))
        yield from families or ()
        yield from self._standby()

    def _standby(self) -> Iterator[Any]:
        standby = self._database.standby
        lag = standby.lag if standby else None
        text = "Whether the standby can be read from, as this process found."
        yield gauge("tally_standby_up", text, float(lag is not None) if standby else None)
        text = "How far it is behind."
        yield gauge("tally_standby_lag_bytes", text, float(lag[0]) if lag else None)
        yield gauge("tally_standby_lag_seconds", "How long it is behind.", lag[1] if lag else None)

    def _families(self) -> list[Any] | None:
        try:
            return [*self._read()]
        except Exception as error:
            if failure_of(error) is None:
                raise
            return None

    def _read(self) -> Iterator[Any]:
        yield from self._files()
        now = self._database.now()
        with self._database.reading() as storage:
            yield from _queue(storage)
            yield from _audit_log(storage)
            yield from _tokens(storage, now)
            yield from _jobs(storage)
        yield from self._database.read_shown(lambda storage: [*_webhooks(storage), *_gates(storage)])

    def _files(self) -> Iterator[Any]:
        yield gauge("tally_database_size_bytes", "What the database takes.", float(self._database.size()))
        disk = self._database.file.disk()
        text = "Size of the disk of SQLite's file."
        yield gauge("tally_database_disk_size_bytes", text, float(disk.size) if disk else None)
        text = "What is free there."
        yield gauge("tally_database_disk_free_bytes", text, float(disk.free) if disk else None)


def _queue(storage: Storage) -> Iterator[Any]:
    depth = counts.depth(storage)
    waiting = {"due": float(depth.due), "later": float(depth.later)}
    yield gauge("tally_webhooks_queued", "Webhooks that wait to be sent.", waiting, "when")
    yield gauge("tally_webhooks_late_seconds", "How long the oldest is due.", depth.seconds_late)


def _webhooks(storage: Storage) -> Iterator[Any]:
    states = {name: float(count) for name, count in vars(counts.states(storage)).items()}
    text = "Webhooks; given_up are those that the broker disabled."
    yield gauge("tally_webhooks", text, states, "state")
    text = "Deliveries in a row that failed for good, of the webhooks that fail most."
    yield gauge("tally_webhook_failures", text, counts.failing(storage, MOST_WEBHOOKS), "uuid")
    text = "Deliveries that failed and are tried again, of the webhooks that have most of them."
    yield gauge("tally_webhook_retrying", text, counts.retrying(storage, MOST_WEBHOOKS), "uuid")


def _gates(storage: Storage) -> Iterator[Any]:
    from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415 - see processes.FOLDER

    family = GaugeMetricFamily(
        "tally_quality_gate_services",
        "Services by how they stand at a quality gate.",
        labels=["uuid", "gate", "scope", "state"],
    )
    for each in gates.every(storage):
        named = [each.gate.uuid, each.gate.what.title, each.gate.what.scope]
        for state in GateState:
            family.add_metric([*named, state.value], float(each.services(state)))
    yield family
    text = "Results that no worker has counted yet."
    yield gauge("tally_results_uncounted", text, float(gates.uncounted(storage)))


def _audit_log(storage: Storage) -> Iterator[Any]:
    newest, (count, oldest) = audit_log.newest_seal(storage), audit_log.unsealed(storage)
    number = float(newest.number) if newest else 0.0
    yield gauge("tally_audit_seal", "Number of the newest seal of the audit log.", number)
    text = "Entries of the audit log that have no seal yet."
    yield gauge("tally_audit_unsealed", text, float(count))
    waited = max(0.0, (datetime.now(UTC) - oldest).total_seconds()) if oldest else 0.0
    text = "How long the oldest of them has none."
    yield gauge("tally_audit_unsealed_seconds", text, waited)


def _tokens(storage: Storage, now: datetime) -> Iterator[Any]:
    found = expiring.soon(storage, now)
    text = "Tokens of service accounts that expire within 14 days."
    yield gauge("tally_tokens_expiring", text, float(len(found)))
    seconds = (found[0].expires_at - now).total_seconds() if found else None
    yield gauge("tally_token_expires_seconds", "Until the first of them expires.", seconds)


def _jobs(storage: Storage) -> Iterator[Any]:
    found = storage.job_successes.all()
    moments = {each.name: each.succeeded_at.timestamp() for each in found}
    text = "When a job last succeeded, in seconds since 1970; nothing before its first success."
    yield gauge("tally_job_last_success_timestamp_seconds", text, moments, "name")
    seconds = {each.name: each.seconds for each in found}
    yield gauge("tally_job_last_duration_seconds", "How long that took.", seconds, "name")
