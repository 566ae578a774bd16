"""What holds for every client that is answered in process."""

import gzip
import re
from contextlib import suppress

import pytest

from consumer_sdk import MismatchError, match

pytestmark = pytest.mark.usefixtures("no_network")
URL = "https://orders.example.org"


def test_a_request_is_answered_and_recorded(send, orders, pact):
    (
        orders.upon_receiving("a new order")
        .with_request(
            "POST",
            "/orders",
            query={"dry": "1", "tag": ["a", "b"]},
            headers={"X-Trace": "t1", "Content-Type": "application/json"},
            body={"quantity": match.integer(2)},
        )
        .will_respond_with(201, headers={"X-Left": "5"}, body={"id": match.integer(7)})
    )

    with orders.in_process(URL):
        got = send(
            "POST",
            f"{URL}/orders?dry=1&tag=a&tag=b",
            body=b'{"quantity": 3}',
            headers={"X-Trace": "t1", "Content-Type": "application/json"},
        )

    assert (got.status, got.body, got.headers["x-left"]) == (201, b'{"id":7}', "5")
    assert [each["description"] for each in pact()["interactions"]] == ["a new order"]


def test_another_request_fails_at_the_line_that_sends_it(send, orders, recordings, tmp_path, request):
    orders.upon_receiving("an order").with_request("GET", "/orders/7").will_respond_with(200)

    with (
        pytest.raises(MismatchError, match=r"^Sent, but not as declared: GET /orders/8") as failure,
        orders.in_process(URL),
    ):
        send("GET", f"{URL}/orders/8")

    (found,) = re.findall(r"  by        .*/conftest\.py:(\d+) in ", str(failure.value))
    if request.node.callspec.id != "botocore":  # it raises an error of its own, which is the cause
        *_, last = failure.traceback
        assert (last.path.name, last.lineno + 1) == ("conftest.py", int(found))
    assert recordings.write(tmp_path / "pacts") == {}


def test_what_the_code_swallows_fails_at_the_end(send, orders):
    orders.upon_receiving("an order").with_request("GET", "/orders/7").will_respond_with(200)

    def code():
        for number in (8, 8, 7):
            with suppress(Exception):
                send("GET", f"{URL}/orders/{number}")

    with pytest.raises(MismatchError) as failure, orders.in_process(URL):
        code()

    text = str(failure.value)
    assert text.startswith("Sent, but not as declared: GET /orders/8\n")
    assert "Received (3):" in text
    assert "not declared so, 2 times" in text
    assert 'as declared ("an order")' in text


def test_a_redirect_is_followed_by_the_client(send, orders, request):
    if request.node.callspec.id in {"http.client", "botocore"}:
        pytest.skip("it follows none")
    orders.upon_receiving("old").with_request("GET", "/old").will_respond_with(
        307, headers={"Location": "/new?x=%5B1%5D"}
    )
    orders.upon_receiving("new").with_request("GET", "/new", query={"x": "[1]"}).will_respond_with(
        200, body="here"
    )

    with orders.in_process(URL):
        got = send("GET", f"{URL}/old")

    assert (got.status, got.body) == (200, b"here")


def test_head_has_no_body(send, orders):
    orders.upon_receiving("it").with_request("HEAD", "/").will_respond_with(200, body={"a": 1})

    with orders.in_process(URL):
        got = send("HEAD", URL)

    assert (got.status, got.body, got.headers["content-length"]) == (200, b"", "7")


@pytest.mark.parametrize("status", [204, 304])
def test_statuses_without_a_body_have_none(send, orders, status):
    orders.upon_receiving("it").with_request("GET", "/").will_respond_with(status)

    with orders.in_process(URL):
        got = send("GET", URL)

    assert (got.status, got.body) == (status, b"")


def test_a_declared_framing_is_replaced(send, orders):
    headers = {"Transfer-Encoding": "chunked", "Content-Length": "3", "Content-Type": "text/plain"}
    orders.upon_receiving("it").with_request("GET", "/").will_respond_with(
        200, headers=headers, body="abcdef"
    )

    with orders.in_process(URL):
        got = send("GET", URL)

    assert got.body == b"abcdef"


def test_a_declared_coding_is_made_of_the_body(send, orders, request):
    orders.upon_receiving("it").with_request("GET", "/").will_respond_with(
        200, headers={"Content-Encoding": "gzip"}, body={"a": 1}
    )

    with orders.in_process(URL):
        got = send("GET", URL)

    undone = request.node.callspec.id not in {"urllib.request", "http.client", "botocore"}
    assert (got.body if undone else gzip.decompress(got.body)) == b'{"a":1}'


def test_a_body_in_gzip_is_judged_by_what_it_says(send, orders):
    orders.upon_receiving("it").with_request("POST", "/", body={"a": match.integer(1)}).will_respond_with(200)

    with orders.in_process(URL):
        got = send(
            "POST",
            URL,
            body=gzip.compress(b'{"a": 2}'),
            headers={"Content-Encoding": "gzip", "Content-Type": "application/json"},
        )

    assert got.status == 200


def test_connection_close_is_no_mistake(send, orders):
    orders.upon_receiving("it").with_request("GET", "/").will_respond_with(
        200, headers={"Connection": "close"}, body="once"
    )

    with orders.in_process(URL):
        assert [send("GET", URL).body for _ in range(2)] == [b"once", b"once"]


@pytest.mark.parametrize(
    "url",
    [
        "http://[::1]:8080",
        "http://localhost:1",
        "https://ORDERS.example.org:443",
        "https://bücher.example",
        "http://orders.example.org/api/v1",
    ],
)
def test_a_base_url_may_be_spelt_in_any_way(send, orders, request, url):
    if "ü" in url and request.node.callspec.id in {"urllib3", "urllib.request", "http.client", "botocore"}:
        pytest.skip("it takes no such name")
    orders.upon_receiving("it").with_request("GET", "/a").will_respond_with(200, body="it")

    with orders.in_process(url) as base:
        got = send("GET", f"{base}/a")

    assert got.body == b"it"


def test_expect_continue_is_answered_at_once(send, orders, request):
    if request.node.callspec.id == "http.client":
        pytest.skip("it waits for nothing")
    orders.upon_receiving("it").with_request("PUT", "/", body="abc").will_respond_with(200, body="done")

    with orders.in_process(URL):
        got = send("PUT", URL, body=b"abc", headers={"Expect": "100-continue", "Content-Type": "text/plain"})

    assert got.body == b"done"


@pytest.mark.parametrize("name", ["HTTP_PROXY", "HTTPS_PROXY"])
@pytest.mark.parametrize("url", ["http://orders.example.org", "https://orders.example.org"])
def test_a_proxy_of_the_environment_is_not_asked(send, orders, monkeypatch, name, url):
    monkeypatch.setenv(name, "http://proxy.invalid:3128")
    monkeypatch.setenv(name.lower(), "http://proxy.invalid:3128")
    orders.upon_receiving("it").with_request("GET", "/a").will_respond_with(200, body="it")

    with orders.in_process(url):
        got = send("GET", f"{url}/a")

    assert got.body == b"it"


def test_a_large_body_arrives_whole_both_ways(send, orders):
    content = bytes(range(256)) * 2048 + b"0\r\n\r\n"
    orders.upon_receiving("it").with_request("POST", "/", body=content).will_respond_with(200, body=content)

    with orders.in_process(URL):
        got = send("POST", URL, body=content, headers={"Content-Type": "application/octet-stream"})

    assert got.body == content


def test_without_network_other_origins_are_refused(send, orders):
    orders.upon_receiving("an order").with_request("GET", "/").will_respond_with(200)

    with (
        pytest.raises(MismatchError, match=r"GET https://payments\.example\.org/pay"),
        orders.in_process(URL, network=False),
    ):
        send("GET", "https://payments.example.org/pay")
