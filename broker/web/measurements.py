"""Measurements for Prometheus: requests by route, the pool of connections, the queue of webhooks."""

import os
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from broker.domain.insights.gates import GateState
from broker.services.accounts import expiring
from broker.services.audit import reading as audit_log
from broker.services.insights import gates
from broker.services.webhooks import counts
from broker.storage.database import Database

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that names a folder in which several processes write one set of measurements.

The library looks at it when it is imported, so it is imported only when an application is made.
"""
MOST_WEBHOOKS = 100
"""Webhooks that have series of their own: those that fail most."""
BUCKETS = (0.005, 0.025, 0.1, 0.5, 2.5, 10.0)  # seconds


class Measurements:
    """What an application measures; safe to share between threads."""

    def __init__(self, database: Database) -> None:
        import prometheus_client  # noqa: PLC0415 - see FOLDER
        from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415 - see FOLDER

        registry = self._shown = prometheus_client.CollectorRegistry()
        self._durations = prometheus_client.Histogram(
            "tally_request_duration_seconds",
            "How long requests took, without the time that they waited for a thread.",
            ("method", "route", "status"),
            buckets=BUCKETS,
            registry=registry,
        )
        self._refused = prometheus_client.Counter(
            "tally_permissions_refused",
            "Requests of those who are known and may not make them, refused or reported (TALLY_PERMISSIONS).",
            ("action",),
            registry=registry,
        )
        self._reads = prometheus_client.Counter(
            "tally_reads",
            "Answers that may come from the standby, by the server that gave them, and why the primary did.",
            ("server", "reason"),
            registry=registry,
        )
        self._children: dict[tuple[str, str, int], Any] = {}
        if os.environ.get(FOLDER):
            self._shown = prometheus_client.CollectorRegistry()
            MultiProcessCollector(self._shown)  # type: ignore[no-untyped-call]
        else:
            prometheus_client.ProcessCollector(registry=self._shown)
        self._shown.register(_State(database))

    def answered(self, method: str, rule: str, status: int, seconds: float) -> None:
        """Count a request; *rule* is Flask's, or empty when the path leads nowhere."""
        key = (method if rule else "", rule, status)
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = self._durations.labels(key[0], route(rule), status)
        child.observe(seconds)

    def refused(self, action: str) -> None:
        """Count a request that somebody may not make."""
        self._refused.labels(action).inc()

    def read(self, server: str, reason: str) -> None:
        """Count an answer that may come from the standby; *reason* says why it was the primary's."""
        self._reads.labels(server, reason).inc()

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """Return all measurements in the text form that *accept* prefers, and its content type."""
        from prometheus_client.exposition import choose_encoder  # noqa: PLC0415 - see FOLDER

        encoder, content_type = choose_encoder(accept)
        return encoder(self._shown), content_type


class _State:
    """What is read from the database when Prometheus asks, and never while other requests are answered."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def describe(self) -> list[Any]:
        """Describe nothing, so that registering does not query the database."""
        return []

    def collect(self) -> Iterator[Any]:
        """Yield the state of the pool and of the queue."""
        answers = self._database.problem() is None
        yield _gauge("tally_database_up", "Whether the database answers.", {"": float(answers)})
        open_, used = self._database.pool()
        connections = {"idle": float(open_ - used), "used": float(used)}
        yield _gauge("tally_database_connections", "Connections of this process.", connections, "state")
        yield from self._standby()
        if answers:
            with self._database.reading() as storage:
                depth = counts.depth(storage)
            waiting = {"due": float(depth.due), "later": float(depth.later)}
            yield _gauge("tally_webhooks_queued", "Webhooks that wait to be sent.", waiting, "when")
            text = "How long the oldest is due."
            yield _gauge("tally_webhooks_late_seconds", text, {"": depth.seconds_late})
            yield from self._webhooks()
            yield from self._gates()
            yield from self._audit_log()
            yield from self._tokens()

    def _standby(self) -> Iterator[Any]:
        standby = self._database.standby
        if standby is None:
            return
        lag = standby.lag
        text = "Whether the standby can be read from, as this process found."
        yield _gauge("tally_standby_up", text, {"": float(lag is not None)})
        if lag is not None:
            yield _gauge("tally_standby_lag_bytes", "How far it is behind.", {"": float(lag[0])})
            yield _gauge("tally_standby_lag_seconds", "How long it is behind.", {"": lag[1]})

    def _tokens(self) -> Iterator[Any]:
        now = self._database.now()
        with self._database.reading() as storage:
            found = expiring.soon(storage, now)
        text = "Tokens of service accounts that expire within 14 days."
        yield _gauge("tally_tokens_expiring", text, {"": float(len(found))})
        if found:
            seconds = (found[0].expires_at - now).total_seconds()
            yield _gauge("tally_token_expires_seconds", "Until the first of them expires.", {"": seconds})

    def _webhooks(self) -> Iterator[Any]:
        found, failing, retrying = self._database.read_shown(
            lambda storage: (
                counts.states(storage),
                counts.failing(storage, MOST_WEBHOOKS),
                counts.retrying(storage, MOST_WEBHOOKS),
            )
        )
        states = {name: float(count) for name, count in vars(found).items()}
        yield _gauge(
            "tally_webhooks", "Webhooks; given_up are those that the broker disabled.", states, "state"
        )
        text = "Deliveries in a row that failed for good, of the webhooks that fail most."
        yield _gauge("tally_webhook_failures", text, failing, "uuid")
        text = "Deliveries that failed and are tried again, of the webhooks that have most of them."
        yield _gauge("tally_webhook_retrying", text, retrying, "uuid")

    def _gates(self) -> Iterator[Any]:
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415 - see FOLDER

        found, waiting = self._database.read_shown(
            lambda storage: (gates.every(storage), gates.uncounted(storage))
        )
        family = GaugeMetricFamily(
            "tally_quality_gate_services",
            "Services by how they stand at a quality gate.",
            labels=["uuid", "gate", "scope", "state"],
        )
        for each in found:
            named = [each.gate.uuid, each.gate.what.title, each.gate.what.scope]
            for state in GateState:
                family.add_metric([*named, state.value], float(each.services(state)))
        yield family
        yield _gauge(
            "tally_results_uncounted", "Results that no worker has counted yet.", {"": float(waiting)}
        )

    def _audit_log(self) -> Iterator[Any]:
        with self._database.reading() as storage:
            newest, (count, oldest) = audit_log.newest_seal(storage), audit_log.unsealed(storage)
        number = float(newest.number) if newest else 0.0
        yield _gauge("tally_audit_seal", "Number of the newest seal of the audit log.", {"": number})
        text = "Entries of the audit log that have no seal yet."
        yield _gauge("tally_audit_unsealed", text, {"": float(count)})
        waited = max(0.0, (datetime.now(UTC) - oldest).total_seconds()) if oldest else 0.0
        text = "How long the oldest of them has none."
        yield _gauge("tally_audit_unsealed_seconds", text, {"": waited})


@cache
def route(rule: str) -> str:
    """Return a rule of Flask as a path with {placeholders}."""
    return re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", r"{\1}", rule)


def _gauge(name: str, text: str, values: Mapping[str, float], label: str = "") -> Any:
    from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415 - see FOLDER

    family = GaugeMetricFamily(name, text, labels=[label] if label else [])
    for value, number in values.items():
        family.add_metric([value] if label else [], number)
    return family
