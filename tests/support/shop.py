"""Two services that work together, orders and payments, on real ports, with their OpenAPI documents."""

import itertools
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Asked:
    """A request that came; *found* are the groups of the route's pattern."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    found: tuple[str, ...] = ()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Answer = tuple[int, Any] | tuple[int, Any, dict[str, str]]
Routes = dict[str, Callable[[Asked], Answer]]


@dataclass
class RoutedService:
    """A service whose routes are patterns: {"GET /orders/(.+)": function}. It counts requests at once."""

    routes: Routes
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    most_at_once: int = 0
    _at_once: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def asked_for(self, line: str) -> list[Asked]:
        return [asked for asked in self.asked if f"{asked.method} {asked.path}" == line]

    def answer(self, asked: Asked) -> Answer:
        with self._lock:
            self.asked.append(asked)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            for pattern, function in self.routes.items():
                if found := re.fullmatch(pattern, f"{asked.method} {asked.path}"):
                    return function(Asked(**{**vars(asked), "found": found.groups()}))
            return 404, {"error": "no such thing"}
        finally:
            with self._lock:
                self._at_once -= 1


@contextmanager
def serving(routes: Routes) -> Iterator[RoutedService]:
    """Serve the routes until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_any(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, body, *more = service.answer(Asked(self.command, self.path, headers, content))
            written = body if isinstance(body, bytes) else json.dumps(body).encode()
            written = b"" if body is None else written
            self.send_response(status)
            known = {"Content-Type": "application/json"} if written else {}
            for name, value in (known | dict(*more)).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(written)))
            self.end_headers()
            self.wfile.write(written)

        do_GET = do_POST = do_PUT = do_DELETE = do_any  # noqa: N815 - http.server's names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Say nothing of connections that tests end early."""

    service = RoutedService(routes)
    with Server(("127.0.0.1", 0), Handler) as server:
        service.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield service
        finally:
            server.shutdown()
            thread.join()


def orders_routes(*, kept: dict[int, dict[str, Any]] | None = None) -> Routes:
    """Return a service that keeps orders in *kept*, by number."""
    orders = {} if kept is None else kept
    numbers = itertools.count(7)

    def place(asked: Asked) -> Answer:
        if not isinstance(asked.json.get("total"), int):
            return 422, {"error": "the total is missing"}
        number = next(numbers)
        orders[number] = {"id": number, "total": asked.json["total"], "status": "open"}
        return 201, orders[number], {"Location": f"/orders/{number}"}

    def read(asked: Asked) -> Answer:
        order = orders.get(int(asked.found[0]))
        return (200, order) if order else (404, {"error": "no such order"})

    def pay(asked: Asked) -> Answer:
        orders[int(asked.found[0])]["status"] = "paid"
        return 204, None

    def cancel(asked: Asked) -> Answer:
        found = orders.pop(int(asked.found[0]), None)
        return (204, None) if found else (404, {"error": "no such order"})

    return {
        r"POST /orders": place,
        r"GET /orders/(\d+)(?:\?.*)?": read,
        r"PUT /orders/(\d+)/payment": pay,
        r"DELETE /orders/(\d+)": cancel,
    }


def payments_routes() -> Routes:
    """Return a service that takes payments for orders."""
    numbers = itertools.count(1)
    payments: dict[str, dict[str, Any]] = {}

    def take(asked: Asked) -> Answer:
        name = f"p{next(numbers)}"
        payments[name] = {"id": name, "order": asked.json["order"], "amount": asked.json["amount"]}
        return 201, payments[name]

    def read(asked: Asked) -> Answer:
        payment = payments.get(asked.found[0])
        return (200, payment) if payment else (404, {"error": "no such payment"})

    return {r"POST /payments": take, r"GET /payments/(\w+)": read}


def slow(seconds: float, answer: Any = None) -> Callable[[Asked], Answer]:
    """Answer only after a while."""

    def late(_: Asked) -> Answer:
        time.sleep(seconds)
        return 200, {} if answer is None else answer

    return late


_ORDER = {
    "type": "object",
    "required": ["id", "total", "status"],
    "properties": {
        "id": {"type": "integer"},
        "total": {"type": "integer"},
        "status": {"enum": ["open", "paid"]},
    },
}
_ERROR = {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}
_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}

_BODY = {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}


def _json(schema: Any) -> dict[str, Any]:
    return {"description": "", "content": {"application/json": {"schema": schema}}}


def _document(title: str, paths: dict[str, Any]) -> dict[str, Any]:
    return {"openapi": "3.1.0", "info": {"title": title, "version": "1"}, "paths": paths}


ORDERS = _document(
    "Orders",
    {
        "/orders": {
            "post": {
                "operationId": "placeOrder",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"type": "object"}}},
                },
                "responses": {"201": _json(_ORDER), "422": _json(_ERROR)},
            }
        },
        "/orders/{id}": {
            "parameters": [_ID],
            "get": {
                "operationId": "getOrder",
                "parameters": [{"name": "expand", "in": "query", "schema": {"type": "string"}}],
                "responses": {"200": _json(_ORDER), "404": _json(_ERROR)},
            },
            "delete": {
                "operationId": "cancelOrder",
                "responses": {"204": {"description": ""}, "404": _json(_ERROR)},
            },
        },
        "/orders/{id}/payment": {
            "parameters": [_ID],
            "put": {"operationId": "confirmPayment", "responses": {"204": {"description": ""}}},
        },
    },
)
PAYMENTS = _document(
    "Payments",
    {
        "/payments": {
            "post": {
                "operationId": "takePayment",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"type": "object"}}},
                },
                "responses": {"201": _json({"type": "object", "required": ["id", "order", "amount"]})},
            }
        },
        "/payments/{id}": {
            "get": {
                "operationId": "getPayment",
                "parameters": [{**_ID, "schema": {"type": "string"}}],
                "responses": {"200": _json({"type": "object"}), "404": _json(_ERROR)},
            }
        },
    },
)
