"""Traces and metrics as OpenTelemetry has them, exported by OTLP over HTTP.

Imported only where TALLY_OPENTELEMETRY asks for it: the libraries are an extra. Where to, how often, and how
many traces are exported, say the variables of OpenTelemetry, such as OTEL_EXPORTER_OTLP_ENDPOINT.
"""

import logging
import os
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from http import HTTPStatus
from importlib.metadata import version
from uuid import uuid4

import requests
from opentelemetry import context, trace
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import Span, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from broker.domain import trace_parent
from broker.domain.trace_parent import TraceParent
from broker.logs import OnceAMinute
from broker.observability.access_log import PROBES, shown_path
from broker.observability.collector_session import CollectorSession
from broker.observability.exchanges import Exchange
from broker.services.webhooks.deliver import Attempt, DeliveryToSend, caused_by
from broker.storage.statement_watch import Statement
from broker.web.request_ids import TRACE

logger = logging.getLogger("broker")
Attributes = dict[str, str | int]
NAME = "tallystick"
SECONDS_TO_FLUSH = 2.0
"""How long the end waits for a collector that does not answer."""
LONGEST_STATEMENT = 2000
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
_next_trace: ContextVar[str] = ContextVar("next_trace", default="")


class Telemetry:
    """What one process exports. *process* says which one of the broker's it is, such as "server"."""

    def __init__(self, process: str) -> None:
        _warn_once_a_minute()
        resource = _resource(process)
        self._tracers = TracerProvider(resource=resource, id_generator=_Ids(), shutdown_on_exit=False)
        if os.environ.get("OTEL_TRACES_EXPORTER", "otlp") != "none":
            self._tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(session=_session("TRACES"))))
        exported = os.environ.get("OTEL_METRICS_EXPORTER", "otlp") != "none"
        readers = (
            [PeriodicExportingMetricReader(OTLPMetricExporter(session=_session("METRICS")))]
            if exported
            else []
        )
        self._meters = MeterProvider(readers, resource=resource, shutdown_on_exit=False)
        self._tracer = self._tracers.get_tracer(NAME, version(NAME))
        meter = self._meters.get_meter(NAME, version(NAME))
        durations = partial(meter.create_histogram, unit="s", explicit_bucket_boundaries_advisory=_SECONDS)
        self._requests = durations("http.server.request.duration", description="Requests to the broker.")
        self._statements = durations("db.client.operation.duration", description="Statements of SQL.")
        self._webhooks = durations("http.client.request.duration", description="Requests of webhooks.")
        self._active = meter.create_up_down_counter(
            "http.server.active_requests", unit="{request}", description="Requests under way."
        )

    def begun(self, exchange: Exchange) -> None:
        """Begin the span of a request, unless that only looks whether the broker lives."""
        self._active.add(1, _asked(exchange))
        if exchange.path.endswith(PROBES):
            return
        given = trace_parent.parse(exchange.traceparent)
        _next_trace.set("" if given else trace_parent.begun_by(exchange.request_id).trace_id)
        span = self._tracer.start_span(
            _method(exchange.method),
            _context_of(given),
            SpanKind.SERVER,
            {
                **_asked(exchange),
                "url.path": shown_path(exchange.path),
                "client.address": exchange.address,
                "tally.request_id": exchange.request_id,
            },
        )
        exchange.span = span
        exchange.current = partial(
            trace.use_span, span, record_exception=False, set_status_on_exception=False
        )
        exchange.environment = {TRACE: _parent_of(span)}

    def ended(self, exchange: Exchange, status: int, size: int) -> None:
        """End the span of a request, and count it."""
        self._active.add(-1, _asked(exchange))
        found: Attributes = {"http.response.status_code": status, "http.route": exchange.route}
        self._requests.record(exchange.seconds, {**_asked(exchange), **found})
        span = exchange.span
        if not isinstance(span, Span):
            return
        if exchange.route:
            span.update_name(f"{_method(exchange.method)} {exchange.route}")
        span.set_attributes({**found, "http.response.body.size": size})
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            span.set_attribute("error.type", str(status))
            span.set_status(Status(StatusCode.ERROR))
        span.end()

    def statement(self, statement: Statement) -> None:
        """Add a span of a statement to what is under way, and count it."""
        attributes = {
            "db.system.name": statement.system,
            "db.operation.name": statement.operation,
        }
        if statement.table:
            attributes["db.collection.name"] = statement.table
        if statement.error is not None:
            attributes["error.type"] = type(statement.error).__name__
        self._statements.record((statement.ended - statement.began) / 1e9, attributes)
        if not trace.get_current_span().is_recording():
            return
        attributes["db.query.text"] = statement.text[:LONGEST_STATEMENT]
        span = self._tracer.start_span(
            f"{statement.operation} {statement.table}".strip(),
            kind=SpanKind.CLIENT,
            attributes=attributes,
            start_time=statement.began,
        )
        if statement.error is not None:
            span.set_status(Status(StatusCode.ERROR))
        span.end(statement.ended)

    def sent(self, delivery: DeliveryToSend, send: Callable[[TraceParent], Attempt]) -> Attempt:
        """Send a delivery as a span of the trace of what caused it, and count it."""
        attributes: Attributes = {
            "server.address": delivery.claimed.receiver,
            "http.request.method": delivery.webhook.what.request.method if delivery.webhook else "",
        }
        more: Attributes = {
            "http.request.resend_count": delivery.claimed.attempts,
            "tally.delivery": delivery.claimed.uuid,
            "tally.event": delivery.claimed.event,
        }
        span = self._tracer.start_span(
            f"webhook {delivery.claimed.event}",
            _context_of(caused_by(delivery)),
            SpanKind.CLIENT,
            {**attributes, **more},
        )
        began = time.perf_counter()
        try:
            attempt = send(_parent_of(span))
            if attempt.response is not None:
                attributes["http.response.status_code"] = attempt.response.status
                span.set_attribute("http.response.status_code", attempt.response.status)
            if not attempt.success:
                span.set_status(Status(StatusCode.ERROR, attempt.error))
        finally:
            self._webhooks.record(time.perf_counter() - began, attributes)
            span.end()
        return attempt

    def stop(self) -> None:
        """Export what is left. A collector that does not answer is not waited for."""
        ends = [
            threading.Thread(target=provider.shutdown, name="telemetry", daemon=True)
            for provider in (self._tracers, self._meters)
        ]
        for end in ends:
            end.start()
        deadline = time.monotonic() + SECONDS_TO_FLUSH
        for end in ends:
            end.join(max(0.0, deadline - time.monotonic()))


class _Ids(RandomIdGenerator):
    """Gives a trace that begins here the id that its request has, so that one finds the other."""

    def generate_trace_id(self) -> int:
        """Return the id of a new trace."""
        wanted = _next_trace.get()
        return int(wanted, 16) if wanted else super().generate_trace_id()


class _OnceAMinute(logging.Handler):
    """Logs what the libraries complain about once a minute: a collector that is away is away for long."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._warned = OnceAMinute()

    def emit(self, record: logging.LogRecord) -> None:
        """Log it, perhaps."""
        if self._warned.is_time("telemetry"):
            logger.warning("Traces and metrics cannot be exported: %s", record.getMessage())


def _session(kind: str) -> requests.Session | None:
    """Return a session that bounds what it reads; None where the environment names one with credentials."""
    names = (f"OTEL_PYTHON_EXPORTER_OTLP_HTTP_{which}CREDENTIAL_PROVIDER" for which in ("", f"{kind}_"))
    return None if any(map(os.environ.get, names)) else CollectorSession()


def _warn_once_a_minute() -> None:
    libraries = logging.getLogger("opentelemetry")
    libraries.propagate = False
    if not libraries.handlers:
        libraries.addHandler(_OnceAMinute())


def _resource(process: str) -> Resource:
    about: Attributes = {
        "service.version": version(NAME),
        "service.instance.id": str(uuid4()),
        "process.pid": os.getpid(),
        "tally.process": process,
    }
    found = Resource.create(about)
    is_named = not str(found.attributes[SERVICE_NAME]).startswith("unknown_service")
    return found if is_named else found.merge(Resource({SERVICE_NAME: NAME}))


def _context_of(parent: TraceParent | None) -> context.Context:
    if parent is None:
        return context.Context()
    flags = TraceFlags(int(parent.flags, 16))
    found = SpanContext(int(parent.trace_id, 16), int(parent.span_id, 16), is_remote=True, trace_flags=flags)
    return trace.set_span_in_context(trace.NonRecordingSpan(found), context.Context())


def _parent_of(span: Span) -> TraceParent:
    found = span.get_span_context()
    return TraceParent(f"{found.trace_id:032x}", f"{found.span_id:016x}", f"{found.trace_flags & 1:02x}")


def _method(method: str) -> str:
    """Return the method; one word for all that nobody has heard of, which would be without end."""
    return method if method in _METHODS else "_OTHER"


def _asked(exchange: Exchange) -> Attributes:
    return {"http.request.method": _method(exchange.method), "url.scheme": exchange.scheme}
