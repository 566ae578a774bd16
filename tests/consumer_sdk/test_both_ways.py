"""Both ways of recording write the same file, and give the code the same bytes."""

import gzip
import http.client
import re
from decimal import Decimal
from urllib.parse import urlsplit

import httpx
import pytest
import requests

from consumer_sdk import Recorder, generate, match
from consumer_sdk.pact_files import Recordings

JSON = {"Content-Type": "application/json"}


def declare(recorder):
    """Declare interactions with all that has been lost on one way or the other."""
    (
        recorder.upon_receiving("a new order")
        .given("the shop is open", hour=9, total=Decimal("1.50"))
        .with_request(
            "POST",
            match.regex("/orders/7", r"^/orders/\d+$"),
            query={"page": match.integer(1), "tag": ["a", "b"], "q": '{"id":"a"}'},
            headers={"X-Info": '{"id":"a","more":"b"}', "Accept": "application/json"},
            body={"price": Decimal("2.300"), "large": 10**30, "items": match.each_like({"sku": "tea"})},
        )
        .will_respond_with(
            201,
            headers={"X-Info": '{"id":"a"}', "Set-Cookie": ["a=1; Path=/", "b=2, c"]},
            body={"id": 10**30, "price": Decimal("2.300"), "power": 1e22},
        )
    )
    recorder.upon_receiving("empty").with_request("GET", "/empty").will_respond_with(
        200, headers={"Content-Type": "text/plain"}, body=""
    )
    recorder.upon_receiving("bytes").with_request(
        "PUT", "/bytes", headers={"Content-Type": "image/png"}, body=b"\x89PNG\r\n\x1a\n\x00"
    ).will_respond_with(200, headers={"Content-Type": "application/octet-stream"}, body=b"\x00\xff")
    recorder.upon_receiving("a form").with_request(
        "POST", "/form", headers={"Content-Type": "application/x-www-form-urlencoded"}, body="a=1&b=%C3%BC"
    ).will_respond_with(200, body="grüße")


def send(url):
    """Send what is declared, and return what comes back, as bytes."""
    got = []
    for method, path, headers, body in (
        (
            "POST",
            "/orders/99?page=3&tag=a&tag=b&q=%7B%22id%22%3A%22a%22%7D",
            {"X-Info": '{"id":"a","more":"b"}', "Accept": "application/json", **JSON},
            b'{"price":2.3,"large":1000000000000000000000000000000,"items":[{"sku":"x"},{"sku":"y"}]}',
        ),
        ("GET", "/empty", {}, None),
        ("PUT", "/bytes", {"Content-Type": "image/png"}, b"\x89PNG\r\n\x1a\n\x00"),
        ("POST", "/form", {"Content-Type": "application/x-www-form-urlencoded"}, b"b=%C3%BC&a=1"),
    ):
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.netloc, timeout=5)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        got.append((answer.status, sorted(answer.getheaders()), answer.read()))
        connection.close()
    return got


@pytest.mark.parametrize("specification", ["V3", "V4"])
def test_both_ways_write_the_same_bytes_and_answer_with_the_same_bytes(tmp_path, specification):
    written, got = [], []
    for way in ("in_process", "serve"):
        recordings = Recordings(tmp_path / way)
        recorder = Recorder("Shop", "Orders", recordings, specification=specification)
        declare(recorder)
        with getattr(recorder, way)() as url:
            got.append(send(url))
        recorder.close()
        recordings.write(tmp_path / way / "pacts")
        written.append((tmp_path / way / "pacts" / "Shop-Orders.json").read_bytes())

    assert written[0] == written[1]
    assert b"2.300" in written[0]
    assert b"1000000000000000000000000000000" in written[0]
    assert got[0] == got[1]
    order, empty, content, text = got[0]
    assert order[2] == b'{"id":1000000000000000000000000000000,"power":1e+22,"price":2.300}'
    assert [value for name, value in order[1] if name == "Set-Cookie"] == ["a=1; Path=/", "b=2, c"]
    assert ("X-Info", '{"id":"a"}') in order[1]
    assert (empty[2], content[2], text[2].decode()) == (b"", b"\x00\xff", "grüße")


@pytest.mark.parametrize(
    ("path", "spellings"),
    [
        ("/a b", ["/a%20b", "/a b"]),
        ("/a%20b", ["/a%20b"]),
        ("/a/b%2Fc", ["/a/b%2Fc", "/a/b%2fc"]),
        ("/grüße", ["/gr%C3%BC%C3%9Fe", "/grüße"]),
        ("/x[1]", ["/x[1]", "/x%5B1%5D"]),
    ],
)
def test_a_path_may_be_spelt_as_its_client_does(answered, orders, path, spellings):
    orders.upon_receiving("it").with_request("GET", path, query={"x": "[1]"}).will_respond_with(200)

    with answered(orders) as url:
        for spelling in spellings:
            for query in ("x=[1]", "x=%5B1%5D"):
                assert requests.get(f"{url}{spelling}?{query}", timeout=5).status_code == 200


def test_what_is_declared_twice_with_other_states_is_answered_in_turn(answered, orders, pact):
    for state, status in (("it is away", 503), ("it is back", 200)):
        orders.upon_receiving("it").given(state).with_request("GET", "/").will_respond_with(status)

    with answered(orders) as url:
        got = [requests.get(url, timeout=5).status_code for _ in range(3)]

    assert got == [503, 200, 200]
    assert len(pact()["interactions"]) == 2


@pytest.mark.parametrize("status", [200, 404, 500, 599, 299])
def test_any_status_can_be_declared(answered, orders, status):
    orders.upon_receiving("it").with_request("GET", "/").will_respond_with(status, body={"a": 1})

    with answered(orders) as url:
        answer = requests.get(url, timeout=5)

    assert (answer.status_code, answer.json()) == (status, {"a": 1})


def test_a_charset_counts_in_both_directions(answered, orders):
    headers = {"Content-Type": "text/plain; charset=latin-1"}
    orders.upon_receiving("it").with_request("POST", "/", headers=headers, body="grüße").will_respond_with(
        200, headers=headers, body="grüße"
    )

    with answered(orders) as url:
        answer = requests.post(url, data="grüße".encode("latin-1"), headers=headers, timeout=5)

    assert answer.content == "grüße".encode("latin-1")


@pytest.mark.parametrize(
    ("declared", "sent"),
    [
        (
            {"body": {"id": generate.uuid("11111111-1111-1111-1111-111111111111")}},
            r'{"id":"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"}',
        ),
        ({"body": generate.random_int(7, maximum=9)}, r"\d"),
    ],
)
def test_a_generated_value_is_another_for_each_answer(answered, orders, declared, sent):
    orders.upon_receiving("it").with_request("GET", "/").will_respond_with(200, **declared)

    with answered(orders) as url:
        got = [requests.get(url, timeout=5).text for _ in range(20)]

    assert all(re.fullmatch(sent, each) for each in got)
    assert len(set(got)) > 1


@pytest.mark.parametrize("charset", ["latin-1", "klingon"])
def test_text_that_its_charset_cannot_say_goes_as_utf_8(answered, orders, charset):
    headers = {"Content-Type": f"text/plain; charset={charset}"}
    orders.upon_receiving("it").with_request("GET", "/").will_respond_with(200, headers=headers, body="日本")

    with answered(orders) as url:
        assert requests.get(url, timeout=5).content == "日本".encode()


def test_a_header_that_is_not_ascii_goes_as_utf_8(answered, orders):
    orders.upon_receiving("it").with_request("GET", "/", headers={"X-Name": "grüße"}).will_respond_with(
        200, headers={"X-Name": "größe"}
    )

    with answered(orders) as url:
        got = [
            requests.get(url, headers={"X-Name": "grüße".encode(charset)}, timeout=5).headers["X-Name"]
            for charset in ("utf-8", "latin-1")
        ]
        by_httpx = httpx.get(url, headers=[(b"X-Name", "grüße".encode("latin-1"))], timeout=5)

    assert [each.encode("latin-1").decode() for each in got] == ["größe"] * 2
    assert by_httpx.status_code == 200


@pytest.mark.parametrize(
    "content", [b"plain", gzip.compress(b"plain", mtime=0)[:12]], ids=["plain", "cut off"]
)
def test_a_body_that_is_not_in_its_coding_is_judged_as_it_is(answered, orders, content):
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/octet-stream"}
    orders.upon_receiving("it").with_request("POST", "/", body=content).will_respond_with(200)

    with answered(orders) as url:
        assert requests.post(url, data=content, headers=headers, timeout=5).status_code == 200


def test_a_body_that_is_declared_in_its_coding_is_judged_by_its_bytes(answered, orders):
    content = gzip.compress(b"plain")
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/octet-stream"}
    orders.upon_receiving("it").with_request("POST", "/", body=content).will_respond_with(200)

    with answered(orders) as url:
        assert requests.post(url, data=content, headers=headers, timeout=5).status_code == 200


def test_a_body_of_null_is_json(answered, orders):
    orders.upon_receiving("it").with_request("GET", "/").will_respond_with(200, body=match.null())

    with answered(orders) as url:
        assert requests.get(url, timeout=5).content == b"null"


def test_a_line_break_that_is_generated_for_a_header_goes_as_a_space(answered, orders):
    value = generate.regex("a b", "^a[ \\r\\n]b$")
    orders.upon_receiving("it").with_request("GET", "/").will_respond_with(200, headers={"X-A": value})

    with answered(orders) as url:
        got = {requests.get(url, timeout=5).headers["X-A"] for _ in range(20)}

    assert got == {"a b"}
