"""What code does around a recording: late requests, retries, pieces, threads, many at once, late imports."""

import asyncio
import gc
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import aiohttp
import httpx
import pytest
import requests
import tenacity
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from consumer_sdk import DeclarationError, MismatchError, Recorder

URL = "https://orders.example.org"


def declare(recorder, path="/", body="declared", status=200):
    return recorder.upon_receiving(path).with_request("GET", path).will_respond_with(status, body=body)


@pytest.mark.parametrize("way", ["in process", "mock server"])
def test_a_request_after_the_end_is_named_with_its_test_and_a_remedy(recordings, way):
    orders = Recorder("Shop", "Orders", recordings, source="tests/test_shop.py::test_late")
    declare(orders, "/a")
    opened = orders.in_process(URL) if way == "in process" else orders.serve()
    with opened as url:
        requests.get(f"{url}/a", timeout=5)

    with pytest.raises((MismatchError, requests.HTTPError)):
        requests.get(f"{url}/a", timeout=5).raise_for_status()
    with pytest.raises(MismatchError) as refused:
        orders.close()

    text = str(refused.value)
    assert text.startswith(
        "Sent after the `with` had ended: GET /a\n  test      tests/test_shop.py::test_late"
    )
    assert 'declared is  GET /a ("/a")' in text
    assert "send it inside the `with`" in text


def test_a_recorder_that_nobody_closes_lets_its_urls_go_when_it_is_gone(recordings, real):
    orders = Recorder("Shop", "Orders", recordings)
    declare(orders, "/a")
    with orders.in_process(real):
        requests.get(f"{real}/a", timeout=5)

    del orders
    gc.collect()

    assert requests.get(f"{real}/a", timeout=5).content == b"real"


def test_a_recording_can_be_used_once(orders):
    declare(orders)
    recording = orders.in_process(URL)
    with recording:
        requests.get(URL, timeout=5)

    with pytest.raises(DeclarationError, match="was used already"), recording:
        pass  # pragma: no cover - it is refused before


@pytest.mark.parametrize(
    "url", ["orders.example.org", "ftp://orders.example.org", f"{URL}?a=1", "http://a:b"]
)
def test_what_is_no_base_url_is_refused(orders, url):
    declare(orders)

    with pytest.raises(DeclarationError, match="is no base URL"), orders.in_process(url):
        pass  # pragma: no cover - it is refused before


def test_without_a_base_url_there_is_one_that_no_network_has(recordings):
    orders = Recorder("Shop", "Orders & Co", recordings)
    declare(orders, "/a")

    with orders.in_process() as url:
        assert url == "http://orders-co.test"
        assert requests.get(f"{url}/a", timeout=5).text == "declared"


def test_retries_of_urllib3_take_declared_answers_in_their_order(orders):
    for description, status in (("it is away", 503), ("it is back", 200)):
        orders.upon_receiving(description).with_request("GET", "/a").will_respond_with(status)

    with requests.Session() as session, orders.in_process(URL):
        session.mount("https://", HTTPAdapter(max_retries=Retry(2, status_forcelist=[503], backoff_factor=0)))
        answer = session.get(f"{URL}/a", timeout=5)

    assert answer.status_code == 200


def test_what_tenacity_repeats_fails_with_the_requests_that_it_sent(orders):
    declare(orders, "/a")

    @tenacity.retry(stop=tenacity.stop_after_attempt(4))
    def read():
        return requests.get(f"{URL}/b", timeout=5)

    with pytest.raises(MismatchError) as failure, orders.in_process(URL):
        read()

    assert isinstance(failure.value.__cause__, tenacity.RetryError)
    assert "Received (4):\n  GET /b   not declared so, 4 times" in str(failure.value)


def test_short_time_outs_and_streamed_answers_are_no_mistake(orders):
    declare(orders, "/a", body="x" * 100_000)

    with orders.in_process(URL):
        with requests.get(f"{URL}/a", timeout=0.001, stream=True) as answer:
            parts = list(answer.iter_content(1000))
        with httpx.stream("GET", f"{URL}/a", timeout=0.001) as streamed:
            raw = b"".join(streamed.iter_raw())

    assert (len(parts), len(raw)) == (100, 100_000)


def pieces():
    yield b'{"a": "0\r\n\r\n'.replace(b"\r\n", b"\\r\\n")
    yield b'", "b": 2}'


async def async_pieces():
    for piece in pieces():
        yield piece


def test_bodies_that_are_sent_in_pieces_are_read_whole(orders):
    headers = {"Content-Type": "application/json"}
    orders.upon_receiving("it").with_request("POST", "/", body={"a": "0\r\n\r\n", "b": 2}).will_respond_with(
        200
    )

    async def run():
        async with aiohttp.ClientSession() as session, httpx.AsyncClient() as client:
            async with session.post(URL, data=async_pieces(), headers=headers) as answer:
                first = answer.status
            return first, (await client.post(URL, content=async_pieces(), headers=headers)).status_code

    with orders.in_process(URL):
        assert requests.post(URL, data=pieces(), headers=headers, timeout=5).status_code == 200
        assert httpx.post(URL, content=pieces(), headers=headers).status_code == 200
        assert asyncio.run(run()) == (200, 200)


def test_threads_may_share_a_client_and_a_recording(orders):
    declare(orders, "/a")

    with requests.Session() as session, ThreadPoolExecutor(8) as pool, orders.in_process(URL):
        got = list(pool.map(lambda _: session.get(f"{URL}/a", timeout=5).text, range(80)))

    assert got == ["declared"] * 80


def test_threads_may_record_the_same_url_each_for_itself(recordings):
    def record(number):
        for turn in range(3):
            orders = Recorder("Shop", f"Orders {number}", recordings)
            declare(orders, f"/{turn}", body=f"{number}")
            with orders.in_process(URL):
                got = [requests.get(f"{URL}/{turn}", timeout=5).text, httpx.get(f"{URL}/{turn}").text]
            orders.close()
            assert got == [f"{number}"] * 2

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(record, range(8)))


@pytest.mark.parametrize("client", ["aiohttp", "httpx"])
def test_three_hundred_requests_at_once_are_all_answered(orders, client):
    declare(orders, "/a")

    async def by_aiohttp():
        async with aiohttp.ClientSession() as session:

            async def get():
                async with session.get(f"{URL}/a") as answer:
                    return await answer.text()

            return await asyncio.gather(*(get() for _ in range(300)))

    async def by_httpx():
        async with httpx.AsyncClient() as session:
            answers = await asyncio.gather(*(session.get(f"{URL}/a") for _ in range(300)))
        return [answer.text for answer in answers]

    with orders.in_process(URL):
        got = asyncio.run(by_aiohttp() if client == "aiohttp" else by_httpx())

    assert got == ["declared"] * 300


def test_a_websocket_is_judged_as_the_request_that_opens_it(orders):
    declare(orders, "/a")

    async def run():
        async with aiohttp.ClientSession() as session, session.ws_connect("wss://orders.example.org/live"):
            pass  # pragma: no cover - it is refused before

    with pytest.raises(MismatchError, match="Sent, but not declared: GET /live"), orders.in_process(URL):
        asyncio.run(run())


def test_a_transport_of_the_code_itself_is_left_alone(orders):
    declare(orders, "/a")
    own = httpx.MockTransport(lambda _: httpx.Response(200, text="own"))

    with httpx.Client(transport=own) as client, orders.in_process(URL):
        assert client.get(f"{URL}/a").text == "own"
        assert httpx.get(f"{URL}/a").text == "declared"


def test_http_2_of_httpx_is_answered_too(orders):
    pytest.importorskip("h2")
    declare(orders, "/a")

    with httpx.Client(http2=True) as client, orders.in_process(URL):
        assert client.get(f"{URL}/a").text == "declared"


@pytest.mark.parametrize("client", ["httpx", "httpx2", "aiohttp", "urllib3", "requests"])
def test_a_client_that_is_imported_later_is_answered_and_none_is_imported(tmp_path, client):
    get = {
        "aiohttp": """
import asyncio
async def run():
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return await answer.text()
print(asyncio.run(run()))
""",
        "urllib3": "print(urllib3.request('GET', url).data.decode())",
    }.get(client, f"print({client}.get(url).text)")
    program = f"""
import sys
from pathlib import Path
from consumer_sdk import Recorder
from consumer_sdk.pact_files import Recordings

orders = Recorder("Shop", "Orders", Recordings(Path("recordings")))
orders.upon_receiving("it").with_request("GET", "/").will_respond_with(200, body="declared")
with orders.in_process("https://orders.example.org") as url:
    print(*sorted({{"httpx", "httpx2", "aiohttp", "urllib3", "requests"}} & set(sys.modules)))
    import {client}
{chr(10).join("    " + line for line in get.splitlines())}
"""

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stderr, done.stdout) == ("", "\ndeclared\n")


def test_a_client_that_is_not_installed_is_missed_as_ever(tmp_path):
    program = """
import sys
from pathlib import Path
from consumer_sdk import Recorder
from consumer_sdk.pact_files import Recordings

orders = Recorder("Shop", "Orders", Recordings(Path("recordings")))
orders.upon_receiving("it").with_request("GET", "/").will_respond_with(200)
try:
    with orders.in_process():
        sys.path.clear()
        sys.path_importer_cache.clear()
        import aiohttp
except ModuleNotFoundError as error:
    print(error)
"""

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stderr, done.stdout) == ("", "No module named 'aiohttp'\n")


def test_recording_in_process_makes_no_socket(tmp_path):
    program = """
import requests, socket
from pathlib import Path
from consumer_sdk import Recorder
from consumer_sdk.pact_files import Recordings

def refuse(*_, **__):
    raise OSError("a guard refuses sockets")

socket.socket.__init__ = socket.socketpair = refuse
orders = Recorder("Shop", "Orders", Recordings(Path("recordings")))
orders.upon_receiving("it").with_request("GET", "/").will_respond_with(200, body="declared")
with requests.Session() as session, orders.in_process("https://orders.example.org") as url:
    print(session.get(url).text, session.get(url).text)
"""

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stderr, done.stdout) == ("", "declared declared\n")


def test_another_library_that_puts_the_original_back_does_not_stop_the_next_recording(orders, monkeypatch):
    declare(orders, "/a")
    with orders.in_process(URL):
        requests.get(f"{URL}/a", timeout=5)
    orders.close()

    original = httpx.HTTPTransport.handle_request.__wrapped__
    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", original)
    declare(orders, "/b")

    with orders.in_process(URL):
        assert httpx.get(f"{URL}/b").text == "declared"


def test_recording_leaves_nothing_open(orders):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        for turn in range(5):
            declare(orders, f"/{turn}")
            with requests.Session() as session, orders.in_process(URL):
                session.get(f"{URL}/{turn}", timeout=5)
            declare(orders, f"/{turn}/served")
            with orders.serve() as url:
                requests.get(f"{url}/{turn}/served", timeout=5)
            orders.close()
        gc.collect()

    assert [str(warning.message) for warning in seen] == []
