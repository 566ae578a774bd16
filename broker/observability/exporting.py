"""Whether traces and metrics are exported, without the libraries that this needs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import TYPE_CHECKING

from broker.settings.settings import InvalidSettingError, Settings
from broker.storage.database import Database

if TYPE_CHECKING:
    from broker.observability.telemetry import Telemetry

_NEEDED = ("opentelemetry", "opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")
_PROTOCOL = "http/protobuf"
_PROTOCOLS = [f"OTEL_EXPORTER_OTLP_{kind}PROTOCOL" for kind in ("", "TRACES_", "METRICS_")]
_CREDENTIAL_PROVIDERS = [
    f"OTEL_PYTHON_EXPORTER_OTLP_HTTP_{kind}CREDENTIAL_PROVIDER" for kind in ("", "TRACES_", "METRICS_")
]
_EXPORTERS = ("OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER")


def check(settings: Settings) -> None:
    """Raise InvalidSettingError when traces and metrics are wanted, and cannot be exported."""
    if not _is_on(settings):
        return
    if not all(map(_is_installed, _NEEDED)):
        raise InvalidSettingError(
            "TALLY_OPENTELEMETRY needs libraries that are not installed: pip install 'tallystick[otel]'"
        )
    for name in _PROTOCOLS:
        if os.environ.get(name, _PROTOCOL) != _PROTOCOL:
            raise InvalidSettingError(f"{name} can only be {_PROTOCOL}: take it out of the environment")
    for name in _EXPORTERS:
        if os.environ.get(name, "otlp") not in {"otlp", "none"}:
            raise InvalidSettingError(f"{name} can only be otlp or none")
    providers = {found.name for found in entry_points(group="opentelemetry_otlp_credential_provider")}
    for name in _CREDENTIAL_PROVIDERS:
        if (wanted := os.environ.get(name)) and wanted not in providers:
            raise InvalidSettingError(f"{name} names {wanted!r}, which is not installed")


@contextmanager
def exporting(settings: Settings, database: Database, process: str) -> Iterator["Telemetry | None"]:
    """Export traces and metrics of this process while the block runs; yield None where nobody wants them."""
    if not _is_on(settings):
        yield None
        return
    from broker.observability.telemetry import Telemetry  # noqa: PLC0415 - an extra, and half a second

    telemetry = Telemetry(process)
    database.watch_statements(telemetry.statement)
    try:
        yield telemetry
    finally:
        telemetry.stop()


def _is_on(settings: Settings) -> bool:
    return settings.opentelemetry and os.environ.get("OTEL_SDK_DISABLED", "").lower() != "true"


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False
