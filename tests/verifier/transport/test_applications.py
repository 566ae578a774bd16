"""A provider's application, asked without a socket."""

import asyncio
import sys
import threading
import time

import pytest
from support.factories import a_message_pact, a_pact, an_interaction

from verifier import Verifier, explanation

SHOP = """
import flask


app = flask.Flask(__name__)
states = []

@app.get("/orders/<int:number>")
def order(number):
    if flask.request.args.get("fail"):
        raise KeyError("no such order")
    return {"id": number, "status": "paid"}

@app.post("/_states")
def state():
    states.append(flask.request.json["state"])
    return "", 204

@app.post("/_messages")
def message():
    return {"id": 1, "status": "paid"}

@app.post("/echo")
def echo():
    return flask.Response(flask.request.get_data(), content_type=flask.request.content_type)

def create_app():
    return app

not_callable = 1
"""


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A module with a Flask application, in the working directory; its name is new in each test."""
    name = f"shop_{tmp_path.name}".replace("-", "_")
    (tmp_path / f"{name}.py").write_text(SHOP)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    return name


@pytest.mark.parametrize("name", ["app", "create_app()"])
def test_a_wsgi_application_is_asked_in_this_process(shop, tally_verify, pact_file, name):
    ended = tally_verify(pact_file(a_pact()), "--app", f"{shop}:{name}", "--state-change-url", "/_states")

    assert ended.exit_code == 0, ended
    assert "1 passed" in ended.stdout


def test_a_wsgi_application_that_breaks_the_contract_fails(shop, tally_verify, pact_file):
    response = {"status": 200, "body": {"id": 1, "status": "lost"}}

    ended = tally_verify(pact_file(a_pact(an_interaction(response=response))), "--app", f"{shop}:app")

    assert ended.exit_code == 1
    assert "body $.status" in ended.stdout


def test_a_body_and_its_type_reach_a_wsgi_application(shop, tally_verify, pact_file):
    part = {"headers": {"Content-Type": "text/plain;charset=utf-8"}, "body": "Grüße"}
    interaction = an_interaction(
        request={"method": "POST", "path": "/echo", **part}, response={"status": 200, **part}
    )

    ended = tally_verify(pact_file(a_pact(interaction)), "--app", f"{shop}:app")

    assert ended.exit_code == 0, ended


def test_messages_may_come_from_a_path_of_the_application(shop, tally_verify, pact_file):
    ended = tally_verify(pact_file(a_message_pact()), "--app", f"{shop}:app", "--message-url", "/_messages")

    assert ended.exit_code == 0, ended


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("no_such_module:app", "ModuleNotFoundError"),
        ("{shop}:missing", "AttributeError"),
        ("{shop}", "write it as module:name"),
        ("{shop}:not_callable", "cannot be called"),
    ],
)
def test_an_application_that_is_not_there_is_an_error_of_the_user(
    shop, tally_verify, pact_file, name, reason
):
    ended = tally_verify(pact_file(a_pact()), "--app", name.format(shop=shop))

    assert ended.exit_code == 2
    assert reason in ended.stderr


def test_there_is_one_provider(keeping, shop, tally_verify, pact_file):
    both = tally_verify(pact_file(a_pact()), "--app", f"{shop}:app", "--provider-url", keeping.url)
    none = tally_verify(pact_file(a_pact()))

    assert both.exit_code == none.exit_code == 2
    assert "Give one of --provider-url URL, --app module:application" in both.stderr
    assert "Give one of --provider-url URL, --app module:application" in none.stderr


ASGI = """
import json

events = []

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            event = (await receive())["type"]
            events.append(event)
            await send({"type": f"{event}.complete"})
            if event == "lifespan.shutdown":
                return
    if scope["path"] == "/raises":
        raise KeyError("no such order")
    if scope["path"] == "/says-nothing":
        return
    request = await receive()
    headers = dict(scope["headers"])
    body = {
        "path": scope["path"],
        "query": scope["query_string"].decode(),
        "accept": headers.get(b"accept", b"").decode(),
        "host": headers[b"host"].decode(),
        "body": request["body"].decode(),
    }
    type_header = (b"content-type", b"application/json")
    await send({"type": "http.response.start", "status": 200, "headers": [type_header]})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})

async def without_lifespan(scope, receive, send):
    assert scope["type"] == "http"
    await app(scope, receive, send)

async def failing(scope, receive, send):
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no database"})

async def hanging(scope, receive, send):
    import asyncio
    assert scope["type"] == "http"
    await asyncio.sleep(30)

class Application:
    async def __call__(self, scope, receive, send):
        await app(scope, receive, send)

instance = Application()
"""


@pytest.fixture
def asgi_shop(tmp_path, monkeypatch):
    name = f"asgi_{tmp_path.name}".replace("-", "_")
    (tmp_path / f"{name}.py").write_text(ASGI)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    return name


def asks(path="/a b", **expected):
    request = {
        "method": "POST",
        "path": path,
        "query": {"q": ["1"]},
        "headers": {"Accept": "text/x", "Content-Type": "text/plain"},
        "body": "hello",
    }
    return a_pact(
        an_interaction(providerStates=[], request=request, response={"status": 200, "body": expected})
    )


@pytest.mark.parametrize("name", ["app", "without_lifespan", "instance"])
def test_an_asgi_application_is_asked_in_this_process(asgi_shop, tally_verify, pact_file, name):
    pact = asks(path="/a b", query="q=1", accept="text/x", host="localhost", body="hello")
    pact["interactions"][0]["response"]["body"]["path"] = "/v1/a b"

    ended = tally_verify(pact_file(pact), "--app", f"{asgi_shop}:{name}", "--base-path", "/v1")

    assert ended.exit_code == 0, ended


def test_the_lifespan_of_an_asgi_application_begins_and_ends(asgi_shop, tally_verify, pact_file):
    tally_verify(pact_file(asks()), "--app", f"{asgi_shop}:app")

    module = __import__(asgi_shop)
    assert module.events == ["lifespan.startup", "lifespan.shutdown"]


def test_an_application_that_fails_to_start_means_that_nothing_was_checked(
    asgi_shop, tally_verify, pact_file
):
    ended = tally_verify(pact_file(asks()), "--app", f"{asgi_shop}:failing")

    assert ended.exit_code == 2
    assert "The application could not be started: no database" in ended.stderr


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("/raises", "The application raised KeyError: 'no such order'"),
        ("/says-nothing", "without a response"),
    ],
)
def test_an_application_that_raises_fails_the_interaction_and_says_where(
    asgi_shop, tally_verify, pact_file, path, problem
):
    ended = tally_verify(pact_file(asks(path)), "--app", f"{asgi_shop}:app")

    assert ended.exit_code == 1
    assert problem in ended.stdout


def test_an_asgi_application_has_as_much_time_as_any_provider(asgi_shop, tally_verify, pact_file):
    ended = tally_verify(pact_file(asks()), "--app", f"{asgi_shop}:hanging", "--timeout", "0.05")

    assert ended.exit_code == 1
    assert "did not respond within 0.05 s" in ended.stdout


SLOW = """
import time

def chunks():
    while True:
        time.sleep(0.02)
        yield b" "

def wsgi(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    path = environ["PATH_INFO"]
    if path == "/trickles":
        return chunks()
    try:
        if path == "/sleeps":
            time.sleep(20)
        while path == "/works":
            pass
        if path == "/exits":
            raise SystemExit(0)
    except Exception:
        return [b"{}"]
    return [b'{"id": 1, "status": "paid"}']

async def asgi(scope, receive, send):
    assert scope["type"] == "http"
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if scope["path"] == "/sleeps":
        time.sleep(1.5)
    while scope["path"] == "/trickles":
        await send({"type": "http.response.body", "body": b" ", "more_body": True})
    if scope["path"] == "/exits":
        raise SystemExit(0)
    await send({"type": "http.response.body", "body": b'{"id": 1, "status": "paid"}'})
"""


@pytest.fixture
def slow(tmp_path, monkeypatch):
    """A module with applications that answer to some paths too late."""
    name = f"slow_{tmp_path.name}".replace("-", "_")
    (tmp_path / f"{name}.py").write_text(SLOW)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    return name


def a_pact_of(*paths):
    return a_pact(
        *(
            an_interaction(path, providerStates=[], request={"method": "GET", "path": path})
            for path in (*paths, "/orders/1")
        )
    )


@pytest.mark.parametrize(
    ("application", "paths", "options"),
    [
        ("wsgi", ("/sleeps", "/works", "/trickles"), ()),
        ("wsgi", ("/trickles",), ("--concurrency", "2")),
        ("asgi", ("/sleeps", "/trickles"), ()),
    ],
)
def test_each_answer_of_an_application_is_bounded_as_a_whole(
    slow, tally_verify, pact_file, application, paths, options
):
    before = time.monotonic()

    ended = tally_verify(
        pact_file(a_pact_of(*paths)), "--app", f"{slow}:{application}", "--timeout", "0.6", *options
    )

    assert ended.exit_code == 1
    assert ended.stdout.count("[timeout]") == len(paths), ended
    assert "The application did not respond within 0.6 s (--timeout)" in ended.stdout
    assert "✓ /orders/1" in ended.stdout
    assert time.monotonic() - before < 10


@pytest.mark.parametrize("application", ["wsgi", "asgi"])
def test_an_application_that_exits_does_not_end_the_run(slow, tally_verify, pact_file, application):
    ended = tally_verify(pact_file(a_pact_of("/exits")), "--app", f"{slow}:{application}")

    assert ended.exit_code == 1
    assert "The application raised SystemExit" in ended.stdout
    assert "✓ /orders/1" in ended.stdout


def test_a_wsgi_application_runs_in_the_thread_that_asks(pact_file):
    threads = set()

    def application(_, start_response):
        threads.add(threading.current_thread())
        start_response("200 OK", [])
        return []

    pact = pact_file(a_pact(an_interaction(response={"status": 200})))
    Verifier(application).add_pact(pact).state("an order exists", lambda **_: None).run()

    assert threads == {threading.current_thread()}


def test_functions_that_exit_or_take_too_long_are_named(slow, pact_file):
    application = __import__(slow).asgi
    pact = pact_file(a_pact(an_interaction(response={"status": 200})))

    async def wait(**_):
        await asyncio.sleep(20)

    exits = Verifier(application).add_pact(pact).state("an order exists", lambda **_: sys.exit(0)).run()
    waits = Verifier(application, timeout=0.1).add_pact(pact).state("an order exists", wait).run()

    assert (exits.exit_code, waits.exit_code) == (2, 2)
    assert "raised SystemExit: 0" in explanation(exits)
    assert "it did not end within 0.1 s (--timeout)" in explanation(waits)


def test_a_wsgi_application_that_raises_fails_the_interaction_and_says_where(
    tmp_path, monkeypatch, tally_verify, pact_file
):
    name = f"raising_{tmp_path.name}".replace("-", "_")
    (tmp_path / f"{name}.py").write_text("def app(environ, start_response):\n    raise KeyError('x')\n")
    monkeypatch.chdir(tmp_path)

    ended = tally_verify(pact_file(a_pact()), "--app", f"{name}:app")

    assert ended.exit_code == 1
    assert "The application raised KeyError: 'x'" in ended.stdout
    assert f"{name}.py, line 2" in ended.stdout
