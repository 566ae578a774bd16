"""Connections, sessions and threads around the beginning and the end of a recording."""

import asyncio
import http.client
import http.server
import socket
from contextlib import ExitStack, contextmanager

import aiohttp
import botocore.awsrequest
import botocore.httpsession
import httpx
import pytest
import requests
import urllib3

from consumer_sdk import DeclarationError, MismatchError, Recorder

URL = "https://orders.example.org"


def declare(recorder, path="/", body="declared", status=200):
    return recorder.upon_receiving(path).with_request("GET", path).will_respond_with(status, body=body)


@contextmanager
def session_of(kind):
    """Yield a function of a URL with a session of its own behind it."""
    if kind == "requests":
        with requests.Session() as session:
            yield lambda url: session.get(url, timeout=5).content
    elif kind == "urllib3":
        with urllib3.PoolManager() as pool:
            yield lambda url: pool.request("GET", url, timeout=5).data
    elif kind == "botocore":
        session = botocore.httpsession.URLLib3Session(timeout=5)
        yield lambda url: session.send(botocore.awsrequest.AWSRequest("GET", url).prepare()).content
        session.close()
    else:
        with httpx.Client(timeout=5) as client:
            yield lambda url: client.get(url).content


@pytest.mark.parametrize("kind", ["requests", "urllib3", "botocore", "httpx"])
def test_a_session_with_a_live_connection_is_answered_and_reaches_its_server_again(kind, orders, real):
    declare(orders, "/a")

    with session_of(kind) as get:
        before = get(f"{real}/a")
        with orders.in_process(real):
            during = [get(f"{real}/a") for _ in range(3)]
        orders.close()
        after = get(f"{real}/a")

    assert (before, during, after) == (b"real", [b"declared"] * 3, b"real")


def test_an_aiohttp_session_does_the_same(orders, real):
    declare(orders, "/a")

    async def run():
        async with aiohttp.ClientSession() as session:

            async def get():
                async with session.get(f"{real}/a") as answer:
                    return await answer.read()

            before = await get()
            with orders.in_process(real):
                during = [await get() for _ in range(3)]
            orders.close()
            return before, during, await get()

    assert asyncio.run(run()) == (b"real", [b"declared"] * 3, b"real")


def test_a_bare_connection_that_is_kept_past_the_end_reaches_its_server(orders, real):
    declare(orders, "/a")
    connection = http.client.HTTPConnection(real.removeprefix("http://"), timeout=5)

    def get():
        connection.request("GET", "/a")
        return connection.getresponse().read()

    with orders.in_process(real):
        during = get()
    orders.close()
    after = get()
    connection.close()

    assert (during, after) == (b"declared", b"real")


def test_a_recording_that_failed_lets_its_url_go(orders, real):
    declare(orders, "/a")
    with pytest.raises(MismatchError), orders.in_process(real):
        requests.get(f"{real}/b", timeout=5)

    assert requests.get(f"{real}/b", timeout=5).content == b"real"


def test_what_is_not_declared_reaches_the_network(orders, real):
    declare(orders, "/a")

    with orders.in_process(URL):
        passed = requests.get(f"{real}/a", timeout=5).content
        answered = requests.get(f"{URL}/a", timeout=5).content

    assert (passed, answered) == (b"real", b"declared")


def test_several_recorders_answer_at_once_also_below_one_origin(recordings, tmp_path):
    pairs = {"Orders": f"{URL}/orders", "Old orders": f"{URL}/orders/v1", "Stock": "http://stock.example.org"}
    recorders = {name: Recorder("Shop", name, recordings) for name in pairs}
    for name, recorder in recorders.items():
        declare(recorder, "/a", body=name)

    with (
        recorders["Orders"].in_process(pairs["Orders"]),
        recorders["Old orders"].in_process(pairs["Old orders"]),
        recorders["Stock"].in_process(pairs["Stock"]),
    ):
        got = {name: requests.get(f"{url}/a", timeout=5).text for name, url in pairs.items()}

    assert got == {name: name for name in pairs}
    assert len(recordings.write(tmp_path / "pacts")) == 3


def test_one_recorder_answers_at_several_base_urls(orders):
    declare(orders, "/a")

    with orders.in_process("https://eu.example.org", "https://us.example.org/api/") as url:
        assert url == "https://eu.example.org"
        got = [
            requests.get(f"https://{base}/a", timeout=5).text
            for base in ("eu.example.org", "us.example.org/api")
        ]

    assert got == ["declared", "declared"]


def test_a_path_beside_the_declared_base_url_is_judged_too(orders):
    declare(orders, "/a")

    with pytest.raises(MismatchError, match="GET /apix/a"), orders.in_process(f"{URL}/api"):
        requests.get(f"{URL}/apix/a", timeout=5)


def test_two_pacts_for_one_url_are_refused(recordings):
    orders = Recorder("Shop", "Orders", recordings, source="tests/test_shop.py::test_both")
    stock = Recorder("Shop", "Stock", recordings, source="tests/test_shop.py::test_both")
    declare(orders)
    declare(stock)

    with orders.in_process(URL):
        with pytest.raises(DeclarationError) as refused, stock.in_process(f"{URL}:443/"):
            pass  # pragma: no cover - it is refused before
        requests.get(URL, timeout=5)

    assert f"{URL} is recorded already, by " in str(refused.value)
    assert '"/" of the pact between Shop and Orders (tests/test_shop.py::test_both)' in str(refused.value)
    assert 'so "/" of the pact between Shop and Stock' in str(refused.value)
    assert "Declare all in one recorder, end the other `with` first" in str(refused.value)


@pytest.mark.parametrize("kind", [http.client.HTTPConnection, http.client.HTTPSConnection])
def test_the_socket_of_a_connection_can_be_set_and_asked(orders, kind):
    declare(orders, "/a")
    connection = kind("orders.example.org")

    with orders.in_process("http://orders.example.org", URL):
        connection.request("GET", "/a")
        connection.sock.settimeout(2.5)
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected = connection.sock
        got = connection.getresponse().read()

    assert (got, connected.gettimeout()) == (b"declared", 2.5)
    assert connected.getpeername()[0] == connected.getsockname()[0] == "127.0.0.1"
    assert (connected.getpeercert(), connected.getpeercert(binary_form=True)) == ({}, b"")
    assert (connected.version(), connected.selected_alpn_protocol()) == ("TLSv1.3", "http/1.1")
    connection.close()


def closed(connection):
    connection.putrequest("GET", "/a")
    connection.sock.close()
    connection.endheaders()


def closed_before_the_answer(connection):
    connection.request("GET", "/a")
    connection.sock.close()
    connection.getresponse()


def incomplete(connection):
    connection.request("POST", "/a", body=b"ab", headers={"Content-Length": "3"})
    connection.getresponse()


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (closed, BrokenPipeError),
        (closed_before_the_answer, http.client.RemoteDisconnected),
        (incomplete, http.client.RemoteDisconnected),
    ],
)
def test_a_connection_that_is_cut_fails_as_one_of_the_network(orders, code, error):
    declare(orders, "/a")
    connection = http.client.HTTPSConnection("orders.example.org", timeout=5)

    with orders.in_process(URL):
        requests.get(f"{URL}/a", timeout=5)
        with pytest.raises(error):
            code(connection)
    connection.close()


def test_an_answer_that_is_read_when_the_recording_is_closed_says_so(orders):
    declare(orders, "/a")
    connection = http.client.HTTPSConnection("orders.example.org", timeout=5)
    with orders.in_process(URL):
        requests.get(f"{URL}/a", timeout=5)
        connection.request("GET", "/a")
    orders.close()

    with pytest.raises(ConnectionResetError, match="The recording that answered this connection has ended"):
        connection.getresponse()
    connection.close()


def test_aiohttp_is_told_of_a_recording_that_ends_while_it_sends(orders):
    declare(orders, "/a")

    async def run():
        with ExitStack() as recording:
            recording.enter_context(orders.in_process(URL))

            async def pieces():
                yield b"a"
                recording.close()
                orders.close()
                yield b"b"

            async with aiohttp.ClientSession() as session:
                async with session.get(f"{URL}/a") as answer:
                    await answer.read()
                async with session.post(f"{URL}/a", data=pieces()):
                    pass  # pragma: no cover - it is refused before

    with pytest.raises(aiohttp.ClientOSError, match="The recording that answered this connection has ended"):
        asyncio.run(run())


def test_a_request_of_aiohttp_whose_body_fails_is_not_received(orders):
    declare(orders, "/a")

    async def pieces():
        yield b"a"
        raise ValueError("no more")

    async def run():
        async with aiohttp.ClientSession() as session:
            with pytest.raises((ValueError, aiohttp.ClientError)):
                await session.post(f"{URL}/a", data=pieces())
            async with session.get(f"{URL}/a") as answer:
                return await answer.text()

    with orders.in_process(URL):
        assert asyncio.run(run()) == "declared"


def test_an_asynchronous_client_reaches_the_network_beside_a_recording(orders, real):
    declare(orders, "/a")

    async def run():
        async with httpx.AsyncClient(timeout=5) as client:
            return [(await client.get(f"{url}/a")).content for url in (real, URL)]

    with orders.in_process(URL):
        assert asyncio.run(run()) == [b"real", b"declared"]


def test_http_2_of_urllib3_is_refused_with_a_remedy(orders):
    declare(orders, "/a")
    # Its own class needs a library more; what is known of it is its module.
    kind = type("H2", (urllib3.connection.HTTPSConnection,), {"__module__": "urllib3.http2.connection"})

    with orders.in_process(URL):
        requests.get(f"{URL}/a", timeout=5)
        with pytest.raises(DeclarationError, match=r"urllib3\.http2 speaks no HTTP/1\.1"):
            kind("orders.example.org").request("GET", "/a")


def test_requests_of_aiohttp_that_are_cancelled_at_any_moment_disturb_nothing(orders):
    declare(orders, "/a")
    problems = []

    async def run():
        asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context))
        async with aiohttp.ClientSession() as session:

            async def get():
                async with session.get(f"{URL}/a") as answer:
                    return await answer.text()

            for turns in range(12):
                task = asyncio.create_task(get())
                for _ in range(turns):
                    await asyncio.sleep(0)
                task.cancel()
                await asyncio.wait([task])
            return await get()

    with orders.in_process(URL):
        assert asyncio.run(run()) == "declared"
    assert problems == []


def test_a_recording_that_was_never_entered_leaves_its_requests_to_the_next(answered, orders, pact):
    declare(orders, "/a")
    answered(orders)

    with answered(orders) as url:
        requests.get(f"{url}/a", timeout=5)
    orders.close()

    assert len(pact()["interactions"]) == 1
