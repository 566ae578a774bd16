"""A collector of OpenTelemetry: a real HTTP server that keeps what it is sent by OTLP."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from support.receivers import Receiver, answering, receiving


@dataclass(frozen=True)
class CollectedSpan:
    """A span; ids are hexadecimal, and *parent* is "" for the first of a trace."""

    name: str
    kind: int
    trace_id: str
    span_id: str
    parent: str
    attributes: dict[str, Any]
    resource: dict[str, Any]
    is_error: bool
    seconds: float


class Collector:
    """Where it is, and what it was sent so far."""

    def __init__(self, receiver: Receiver) -> None:
        self.url = receiver.url
        self._receiver = receiver

    @property
    def spans(self) -> list[CollectedSpan]:
        return [span for body in self._bodies("/v1/traces") for span in _spans(body)]

    @property
    def metrics(self) -> list[tuple[str, dict[str, Any]]]:
        """The name and the attributes of each series that was sent."""
        return [found for body in self._bodies("/v1/metrics") for found in _series(body)]

    def named(self, name: str) -> list[CollectedSpan]:
        return [span for span in self.spans if span.name == name]

    def _bodies(self, path: str) -> Iterator[bytes]:
        for request in [*self._receiver.received]:
            assert request.path in {"/v1/traces", "/v1/metrics"}, request.path
            if request.path == path:
                is_packed = request.headers.get("content-encoding") == "gzip"
                yield gzip.decompress(request.body) if is_packed else request.body


@contextmanager
def collecting() -> Iterator[Collector]:
    """Yield a collector that listens on a port of this machine."""
    with receiving(answering(body=b"", Content_Type="application/x-protobuf")) as receiver:
        yield Collector(receiver)


@contextmanager
def flooding(status: int, megabytes: int) -> Iterator[tuple[str, list[int]]]:
    """Yield where a collector is that answers with so much, and how many bytes it got rid of each time."""
    taken: list[int] = []

    def flood(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Location", "/elsewhere")
        handler.send_header("Content-Length", str(megabytes * 2**20))
        handler.end_headers()
        sent = 0
        try:
            for _ in range(megabytes * 16):
                handler.wfile.write(b"x" * 65_536)
                sent += 65_536
        except OSError:
            handler.close_connection = True
        finally:
            taken.append(sent)

    with receiving(flood) as receiver:
        yield receiver.url, taken


def _values(attributes: Any) -> dict[str, Any]:
    return {item.key: getattr(item.value, item.value.WhichOneof("value")) for item in attributes}


def _spans(body: bytes) -> Iterator[CollectedSpan]:
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield CollectedSpan(
                    span.name,
                    span.kind,
                    span.trace_id.hex(),
                    span.span_id.hex(),
                    span.parent_span_id.hex(),
                    _values(span.attributes),
                    _values(resource.resource.attributes),
                    span.status.code == span.status.STATUS_CODE_ERROR,
                    (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
                )


def _series(body: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics:
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                for point in getattr(metric, metric.WhichOneof("data")).data_points:
                    yield metric.name, _values(point.attributes)
