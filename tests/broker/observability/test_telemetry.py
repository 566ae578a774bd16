"""Traces and metrics, as a collector of OpenTelemetry gets them from the real `tally serve`."""

import os
import subprocess
import sys
import time

import pytest
import requests
from support.otlp_collector import collecting, flooding
from support.receivers import answer, answering, failing_first, receiving, wait_until
from support.serving import TALLY, free_port, serving
from support.webhook_worker import webhook

from broker.observability.collector_session import CollectorSession
from broker.observability.exchanges import Exchange
from broker.observability.exporting import check
from broker.observability.telemetry import Telemetry
from broker.settings.settings import InvalidSettingError, Settings

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
GIVEN = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
LOCAL = {"TALLY_WEBHOOK_HOST_WHITELIST": "127.0.0.0/8", "TALLY_WEBHOOK_SCHEME_WHITELIST": "http"}
SERVER, CLIENT = 2, 3


def exporting_to(url, **more):
    return {
        "TALLY_OPENTELEMETRY": "true",
        "OTEL_EXPORTER_OTLP_ENDPOINT": url,
        "OTEL_BSP_SCHEDULE_DELAY": "100",
        **more,
    }


def publish(broker, headers=None):
    pact = {"consumer": {"name": "Shop"}, "provider": {"name": "Stock"}, "interactions": []}
    url = f"{broker}/pacts/provider/Stock/consumer/Shop/version/1"
    answer = requests.put(url, json=pact, headers=headers, timeout=30)
    assert answer.status_code == 201, answer.text
    return answer


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """What a broker has exported at its end: a publication, its webhook, an error, and questions."""
    folder = tmp_path_factory.mktemp("exported")
    environment = LOCAL | {"TALLY_WEBHOOK_RETRY_SCHEDULE": "0"}
    with receiving(failing_first(1)) as receiver, collecting() as collector:
        more = exporting_to(collector.url, OTEL_RESOURCE_ATTRIBUTES="deployment.environment.name=test")
        url = f"sqlite:///{folder}/x.sqlite3"
        with serving(url, folder / "log", environment=environment | more) as broker:
            created = requests.post(f"{broker}/webhooks", json=webhook(receiver.url), timeout=30)
            assert created.status_code == 201, created.text
            publish(broker, GIVEN)
            requests.get(f"{broker}/pacticipants/Nobody?secret=canary", timeout=30)
            requests.get(f"{broker}/nowhere/canary", timeout=30)
            wait_until(lambda: len(receiver.received) == 2)
        yield collector, receiver.received, (folder / "log").read_text()


def test_a_request_is_a_span_of_the_trace_that_it_came_with(exported):
    collector, *_ = exported
    [span] = collector.named("PUT /pacts/provider/{provider}/consumer/{consumer}/version/{consumer_version}")

    assert (span.trace_id, span.parent, span.kind) == (TRACE, PARENT, SERVER)
    assert span.attributes["http.response.status_code"] == 201
    assert span.attributes["http.request.method"] == "PUT"
    assert span.resource["service.name"] == "tallystick"
    assert span.resource["deployment.environment.name"] == "test"


def test_a_request_without_a_trace_begins_one_with_its_own_id(exported):
    collector, *_ = exported
    [span] = collector.named("GET /pacticipants/{pacticipant}")

    assert span.parent == ""
    assert span.trace_id == span.attributes["tally.request_id"]
    assert not span.is_error


def test_statements_are_spans_of_the_request_and_show_no_values(exported):
    collector, *_ = exported
    [request] = collector.named(
        "PUT /pacts/provider/{provider}/consumer/{consumer}/version/{consumer_version}"
    )
    statements = [span for span in collector.spans if span.parent == request.span_id and span.kind == CLIENT]

    inserted = next(span for span in statements if span.name == "INSERT triggered_webhooks")
    assert inserted.attributes["db.system.name"] == "sqlite"
    assert inserted.attributes["db.query.text"].startswith("INSERT INTO triggered_webhooks")
    assert "canary" not in repr(collector.spans).replace("/nowhere/canary", "")


def test_a_webhook_and_its_repetition_are_spans_of_the_request_that_caused_them(exported):
    collector, received, _ = exported
    [request] = collector.named(
        "PUT /pacts/provider/{provider}/consumer/{consumer}/version/{consumer_version}"
    )
    spans = collector.named("webhook contract_published")

    assert [(span.trace_id, span.parent, span.is_error) for span in spans] == [
        (TRACE, request.span_id, True),
        (TRACE, request.span_id, False),
    ]
    assert [item.headers["traceparent"] for item in received] == [
        f"00-{TRACE}-{span.span_id}-01" for span in spans
    ]


def test_nobody_is_bothered_with_probes(exported):
    collector, *_ = exported

    assert not [span for span in collector.spans if "heartbeat" in span.name]


def test_durations_are_metrics_by_route(exported):
    collector, *_ = exported
    metrics = collector.metrics
    routes = {series.get("http.route") for name, series in metrics if name == "http.server.request.duration"}

    assert {"/pacticipants/{pacticipant}", "/webhooks"} <= routes
    assert not [route for route in routes if route and "canary" in route]
    assert {
        "db.client.operation.duration",
        "http.client.request.duration",
        "http.server.active_requests",
    } <= {name for name, _ in metrics}


def test_nothing_of_it_is_in_the_log(exported):
    *_, log = exported

    assert "xport" not in log


def test_a_collector_that_is_away_is_warned_of_once_and_holds_nobody_up(tmp_path):
    log = tmp_path / "log"
    away = exporting_to(f"http://127.0.0.1:{free_port()}", OTEL_METRIC_EXPORT_INTERVAL="200")
    with serving(f"sqlite:///{tmp_path}/x.sqlite3", log, environment=away) as broker:
        for _ in range(3):
            assert requests.get(broker, timeout=5).status_code == 200
        wait_until(lambda: "cannot be exported" in log.read_text())
        stopping = time.monotonic()

    assert time.monotonic() - stopping < 5
    assert log.read_text().count("cannot be exported") == 1
    assert "Traceback" not in log.read_text()


@pytest.mark.parametrize("status", [200, 307, 400])
def test_of_a_collector_that_answers_without_end_little_is_read(status, monkeypatch):
    with flooding(status, megabytes=64) as (url, taken):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        telemetry = Telemetry("server")
        exchange = Exchange("5f" * 16, "GET", "/pacticipants")
        telemetry.begun(exchange)
        telemetry.ended(exchange, 200, 0)
        telemetry.stop()
        wait_until(lambda: len(taken) >= 2)  # traces and metrics

    # The operating system takes some megabytes before anybody reads.
    assert max(taken) < 16 * 2**20


def test_a_collector_keeps_one_connection_while_its_answers_are_short():
    connections = set()

    def behave(handler):
        connections.add(handler.client_address)
        answer(handler)

    with receiving(behave) as receiver, CollectorSession() as session:
        answers = [session.post(receiver.url, data=b"x", timeout=5) for _ in range(3)]

    assert [(answer.status_code, answer.content) for answer in answers] == [(200, b"ok")] * 3
    assert len(connections) == 1


def processes_of(collector):
    """Return the kinds of processes that have exported spans of the trace."""
    return {span.resource["tally.process"] for span in collector.spans if span.trace_id == TRACE}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_each_of_several_processes_exports(database_url, tmp_path):
    with receiving(answering()) as receiver, collecting() as collector:
        environment = LOCAL | exporting_to(collector.url, TALLY_WORKERS="2")
        with serving(database_url, tmp_path / "log", environment=environment) as broker:
            requests.post(f"{broker}/webhooks", json=webhook(receiver.url), timeout=30)
            publish(broker, GIVEN)
            wait_until(lambda: receiver.received, patience=60)
            wait_until(lambda: processes_of(collector) == {"server", "worker"}, patience=60)

    assert {span.attributes["db.system.name"] for span in collector.named("INSERT triggered_webhooks")} == {
        "postgresql"
    }


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "can only be http/protobuf"),
        ("OTEL_TRACES_EXPORTER", "console", "can only be otlp or none"),
    ],
)
def test_what_cannot_be_exported_to_is_refused(variable, value, says):
    environment = {**os.environ, "TALLY_OPENTELEMETRY": "true", variable: value}

    finished = subprocess.run(
        [TALLY, "serve"], capture_output=True, text=True, check=False, timeout=60, env=environment
    )

    assert finished.returncode == 2
    assert finished.stderr.startswith(f"Error: {variable} {says}")


def test_a_session_with_credentials_is_that_of_the_environment_and_must_be_installed(monkeypatch):
    monkeypatch.setenv("OTEL_PYTHON_EXPORTER_OTLP_HTTP_TRACES_CREDENTIAL_PROVIDER", "acme")

    with pytest.raises(InvalidSettingError, match="TRACES_CREDENTIAL_PROVIDER names 'acme', which is not"):
        check(Settings(opentelemetry=True))
    with pytest.raises(RuntimeError, match="'acme' not found"):  # so says who looks for it
        Telemetry("server")


_WITHOUT_THE_EXTRA = """
import sys
for name in ("opentelemetry", "opentelemetry.sdk"):
    sys.modules[name] = None
from tally.cli import main
main(["serve", "--port", "0"])
"""


def test_without_the_extra_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setenv("TALLY_OPENTELEMETRY", "true")
    command = [sys.executable, "-c", _WITHOUT_THE_EXTRA]

    finished = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert (finished.returncode, finished.stderr.count("\n")) == (2, 1)
    assert "pip install 'tallystick[otel]'" in finished.stderr


def test_nothing_of_it_is_loaded_where_nobody_asks_for_it():
    program = (
        "import broker.server.server, broker.commands.serve, sys; "
        "print([n for n in sys.modules if 'opentel' in n])"
    )

    finished = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )

    assert finished.stdout.strip() == "[]"
