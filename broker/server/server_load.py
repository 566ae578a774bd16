"""What the requests and the connections of a server process tell Prometheus."""

from typing import Any

from broker.server.connections import Connections
from broker.server.gateway import Gateway
from broker.server.held_answers import HeldAnswers
from broker.server.request_bodies import RequestBodies
from broker.server.watchers import Watchers
from broker.web.measured.process_load import Measured, Numbers, Read

THREADS = Measured("tally_threads", "Threads that answer requests.")
UNDER_WAY = Measured("tally_requests_under_way", "Requests that a thread answers at the moment.")
WAITING = Measured("tally_requests_waiting", "Requests that wait for a thread.")
WAITS = Measured(
    "tally_request_waits_total", "Waits of a millisecond and more for a thread.", is_counted=True
)
WAIT_SECONDS = Measured("tally_request_wait_seconds_total", "How long these waits were.", is_counted=True)
REFUSED = Measured(
    "tally_requests_refused_total",
    "Requests that were refused before the application saw them.",
    "status",
    is_counted=True,
)
HELD = Measured("tally_answers_held", "Requests whose answer is held back until it changes (`wait`).")
LISTENING = Measured("tally_pages_listening", "Open pages that are told of changes.")
BODY_BYTES = Measured("tally_request_body_bytes", "Bytes that bodies of requests have in memory.")
CONNECTIONS = Measured(
    "tally_connections",
    "Open connections, by who is next: the client owes a request, or we an answer.",
    "next",
)
MOST_CONNECTIONS = Measured("tally_connections_limit", "Connections of clients that there may be at most.")
GIVEN_UP = Measured(
    "tally_connections_given_up_total", "Connections that the broker closed.", "reason", is_counted=True
)


def of_requests(
    gateway: Gateway, bodies: RequestBodies, held_answers: HeldAnswers[Any], watchers: Watchers
) -> Read:
    """Return what reads the numbers of a gateway."""
    load = gateway.load

    def read() -> Numbers:
        return {
            THREADS: load.threads,
            UNDER_WAY: load.under_way,
            WAITING: load.waiting,
            WAITS: load.waits,
            WAIT_SECONDS: load.seconds_waited,
            REFUSED: dict(gateway.refusals.counts),
            BODY_BYTES: bodies.bytes,
            HELD: held_answers.count,
            LISTENING: watchers.count,
        }

    return read


def of_connections(connections: Connections) -> Read:
    """Return what reads the numbers of the connections of clients."""

    def read() -> Numbers:
        open_, waiting = len(connections.connections), connections.waiting
        return {
            CONNECTIONS: {"client": float(waiting), "broker": float(max(0, open_ - waiting))},
            MOST_CONNECTIONS: connections.limits.most,
            GIVEN_UP: dict(connections.given_up),
        }

    return read
