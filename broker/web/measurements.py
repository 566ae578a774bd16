"""Measurements for Prometheus: requests by route, and what the parts in `measured` tell."""

import os
from typing import Any

from broker.domain.accounts.permissions import Action
from broker.settings.settings import Settings
from broker.storage.database import Database
from broker.web.measured.process_load import ProcessLoad, Read, of_database
from broker.web.measured.processes import FOLDER, CountsOfAll, ProcessCollector
from broker.web.measured.release import Certificates, Release
from broker.web.measured.stored import StoredState
from broker.web.paths import shown_route

BUCKETS = (0.005, 0.025, 0.1, 0.5, 2.5, 10.0)  # seconds


class Measurements:
    """What an application measures; safe to share between threads."""

    def __init__(self, database: Database, settings: Settings) -> None:
        import prometheus_client  # noqa: PLC0415 - see FOLDER

        # When each series began, as another series of each: Prometheus does not need it.
        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]
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
        for action in Action:
            self._refused.labels(action.value)
        self._reads = prometheus_client.Counter(
            "tally_reads",
            "Answers that may come from the standby, by the server that gave them, and why the primary did.",
            ("server", "reason"),
            registry=registry,
        )
        self._reads.labels("standby", "")
        self._children: dict[tuple[str, str, int], Any] = {}
        self._load = ProcessLoad(registry)
        self._load.add(of_database(database))
        if folder := os.environ.get(FOLDER):
            self._shown = prometheus_client.CollectorRegistry()
            self._shown.register(CountsOfAll(folder))
        self._certificates = Certificates(settings)
        for part in (Release(), ProcessCollector(), self._certificates, StoredState(database)):
            self._shown.register(part)

    def use(self, settings: Settings) -> None:
        """Tell of other settings from now on. What was counted stays."""
        self._certificates.settings = settings

    def answered(self, method: str, rule: str, status: int, seconds: float) -> None:
        """Count a request; *rule* is Flask's, or empty when the path leads nowhere."""
        key = (method if rule else "", rule, status)
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = self._durations.labels(key[0], shown_route(rule), status)
        child.observe(seconds)

    def refused(self, action: str) -> None:
        """Count a request that somebody may not make."""
        self._refused.labels(action).inc()

    def read(self, server: str, reason: str) -> None:
        """Count an answer that may come from the standby; *reason* says why it was the primary's."""
        self._reads.labels(server, reason).inc()

    def add(self, read: Read) -> None:
        """Show the numbers that *read* returns as well; it is called by any thread."""
        self._load.add(read)

    def each_second(self) -> None:
        """Publish the numbers of this process for the others; call it once a second."""
        self._load.publish_for_others()

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """Return all measurements in the text form that *accept* prefers, and its content type."""
        from prometheus_client.exposition import choose_encoder  # noqa: PLC0415 - see FOLDER

        self._load.publish()
        encoder, content_type = choose_encoder(accept)
        return encoder(self._shown), content_type
