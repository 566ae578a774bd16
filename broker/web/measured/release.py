"""What does not change while a process runs, or only outside of it: the release, and certificates."""

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from broker.services.outgoing.certificates import expiries
from broker.settings.settings import Settings
from broker.storage.migrations.schema import known
from broker.web.measured.families import gauge


class Release:
    """The release that runs, and the schema that it works with."""

    def __init__(self) -> None:
        self._labels = [version("tallystick"), known()[-1]]

    def describe(self) -> list[Any]:
        """Describe nothing."""
        return []

    def collect(self) -> Iterator[Any]:
        """Yield one series that says which release this is."""
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415 - see processes.FOLDER

        family = GaugeMetricFamily(
            "tally_build_info",
            "The release, and the schema of the database that it works with.",
            labels=["version", "schema"],
        )
        family.add_metric(self._labels, 1.0)
        yield family


class Certificates:
    """Until when the certificates of the settings are valid."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def describe(self) -> list[Any]:
        """Describe nothing."""
        return []

    def collect(self) -> Iterator[Any]:
        """Yield the end of each, 0 for one that cannot be read."""
        ends = expiries(self.settings.webhook_certificates)
        yield gauge(
            "tally_certificate_expires_timestamp_seconds",
            "When the first certificate of a file of TALLY_WEBHOOK_CERTIFICATES ends, in seconds since 1970; "
            "0 when it cannot be read.",
            {name: end.timestamp() if end else 0.0 for name, end in ends.items()},
            "file",
        )
