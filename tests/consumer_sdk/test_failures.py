"""What a failing test says, on both ways of recording."""

import os
import re
import subprocess
import sys

import pytest
import requests

from consumer_sdk import MismatchError, Recorder, match

FAILING = """
import requests

def test_it(pact_between):
    orders = pact_between("Shop", "Orders")
    order = orders.upon_receiving("an order").with_request("POST", "/orders", body={"number": 7})
    order.will_respond_with(200)
    with orders.in_process("https://orders.example.org"):
        requests.post("https://orders.example.org/orders", json={"number": 8})
"""


def failure_of(answered, recorder, *send):
    """Return the text of the failure when the code sends these requests: (method, path, options)."""

    def code(url):
        for method, path, options in send:
            requests.request(method, url + path, timeout=5, **options)

    with pytest.raises(MismatchError) as failure, answered(recorder) as url:
        code(url)
    return str(failure.value)


@pytest.fixture
def shop(recordings):
    recorder = Recorder("Shop", "Orders", recordings, source="tests/test_shop.py::test_it")
    for description, method, path in (
        ("an order", "GET", "/orders/7"),
        ("the customer of an order", "GET", "/orders/7/customer"),
        ("a new order", "POST", "/orders"),
        ("health", "GET", "/health"),
    ):
        recorder.upon_receiving(description).with_request(method, path).will_respond_with(200)
    return recorder


@pytest.mark.parametrize(
    ("method", "path", "closest"),
    [
        ("GET", "/orders/8", "an order"),
        ("GET", "/orders/7/custom", "the customer of an order"),
        ("PUT", "/orders", "a new order"),
        ("GET", "/healthz", "health"),
        ("GET", "/orders/7?full=1", "an order"),
    ],
)
def test_the_closest_declared_request_is_shown(answered, shop, method, path, closest):
    text = failure_of(answered, shop, (method, path, {}))

    assert text.splitlines()[0] == f"Sent, but not as declared: {method} {path}"
    assert re.search(rf'^  closest   .* \("{closest}"\)$', text, re.MULTILINE)


def test_a_request_that_is_like_none_is_shown_with_all_that_are_declared(answered, shop):
    text = failure_of(answered, shop, ("DELETE", "/carts/1", {}))

    assert text.splitlines()[0] == "Sent, but not declared: DELETE /carts/1"
    assert text.count("  declared is  ") == 4


def test_every_request_received_is_listed_with_the_line_that_sent_it(shop):
    text = failure_of(
        lambda recorder: recorder.in_process(),
        shop,
        ("GET", "/orders/7", {}),
        ("POST", "/orders", {}),
        ("GET", "/orders/8", {}),
    )

    lines = text.split("Received (3):\n")[1].splitlines()
    assert re.match(
        r'  GET /orders/7   as declared \("an order"\)   \S+test_failures.py:\d+ in code$', lines[0]
    )
    assert re.match(r'  POST /orders   as declared \("a new order"\)   ', lines[1])
    assert re.match(r"  GET /orders/8   not declared so   ", lines[2])
    assert "  test      tests/test_shop.py::test_it\n" in text


def test_both_ways_say_the_same(recordings):
    texts = []
    for way in ("in_process", "serve"):
        recorder = Recorder("Shop", "Orders", recordings)
        recorder.upon_receiving("it").with_request(
            "PUT",
            "/a b",
            query={"x": "1"},
            headers={"X-A": "1"},
            body={"a": [1, {"b": match.regex("c", "c")}]},
        ).will_respond_with(200)
        body = {"a": [1, {"b": "d"}, 3]}
        texts.append(
            failure_of(
                lambda each, way=way: getattr(each, way)(), recorder, ("PUT", "/a%20b", {"json": body})
            )
        )

    assert texts[0] == texts[1]


def test_the_answer_of_the_mock_server_says_what_is_wrong(orders):
    orders.upon_receiving("it").with_request("GET", "/a").will_respond_with(200)

    with pytest.raises(MismatchError), orders.serve() as url:
        answer = requests.get(f"{url}/b", timeout=5)

    assert answer.status_code == 500
    assert answer.text.startswith("Sent, but not declared: GET /b\n")


def test_the_mock_server_names_the_line_that_waits_for_the_answer(orders):
    orders.upon_receiving("it").with_request("GET", "/a").will_respond_with(200)

    with pytest.raises(MismatchError) as failure, orders.serve() as url:
        requests.get(f"{url}/c", timeout=5)

    name = "test_the_mock_server_names_the_line_that_waits_for_the_answer"
    assert re.search(rf"^  by        \S+test_failures\.py:\d+ in {name}$", str(failure.value), re.MULTILINE)


@pytest.mark.parametrize(
    ("body", "headers", "says"),
    [
        (b'{"a": 1', {"Content-Type": "application/json"}, "what came is not valid JSON"),
        (b"", {}, "there is none"),
        (b"a=1", {"Content-Type": "text/plain"}, "Expected a body of the content type application/json"),
        (b"[1]", {"Content-Type": "application/json"}, "$"),
    ],
)
def test_a_body_that_is_no_such_json_is_named_with_its_test_and_interaction(
    answered, recordings, body, headers, says
):
    recorder = Recorder("Shop", "Orders", recordings, source="tests/test_shop.py::test_it")
    recorder.upon_receiving("a new order").with_request("POST", "/orders", body={"a": 1}).will_respond_with(
        200
    )

    text = failure_of(answered, recorder, ("POST", "/orders", {"data": body, "headers": headers}))

    assert says in text
    assert 'POST /orders ("a new order")' in text
    assert "tests/test_shop.py::test_it" in text
    assert text.endswith("Correct the code, or declare what it sends.")


def test_text_of_several_lines_and_bytes_are_compared_too(answered, orders):
    orders.upon_receiving("text").with_request("PUT", "/text", body="one\ntwo\nthree").will_respond_with(200)
    orders.upon_receiving("bytes").with_request("PUT", "/bytes", body=b"\x00\x01").will_respond_with(200)

    with pytest.raises(MismatchError) as failure, answered(orders) as url:
        requests.put(f"{url}/text", data="one\n2\nthree", headers={"Content-Type": "text/plain"}, timeout=5)

    assert re.search(r"^  ≠ two +│ 2$", str(failure.value), re.MULTILINE)


def test_long_values_and_many_requests_are_cut(orders):
    orders.upon_receiving("it").with_request("GET", "/a").will_respond_with(200)

    def code(url):
        for number in range(40):
            requests.get(f"{url}/{number}", headers={"X-Long": "x" * 5000}, timeout=5)

    with pytest.raises(MismatchError) as failure, orders.serve() as url:
        code(url)

    text = str(failure.value)
    assert len(text) < 10_000
    assert "and 20 more before these" in text


@pytest.fixture
def run(tmp_path):
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_it.py").write_text(FAILING)

    def run(*options):
        plugins = ("-p", "no:cacheprovider", "-p", "no:schemathesis")
        command = [sys.executable, "-m", "pytest", *plugins, "--junitxml=report.xml", *options]
        # For a CI system, pytest writes the whole text once more, in its summary.
        env = {name: value for name, value in os.environ.items() if name not in {"CI", "BUILD_NUMBER"}}
        done = subprocess.run(
            command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=60
        )
        return done.stdout, (tmp_path / "report.xml").read_text()

    return run


@pytest.mark.parametrize("options", [(), ("-n", "1")])
def test_the_terminal_shows_it_in_colour_and_files_do_not(run, options):
    shown, report = run("--color=yes", *options)

    (line,) = [line for line in shown.splitlines() if "≠" in line]
    assert re.search(r'\x1b\[32m +≠   "number": 7 +\x1b\[0m│\x1b\[31m   "number": 8', line)
    assert "#x1B" not in report
    assert "≠" in report


def test_without_colours_there_are_none(run):
    shown, _ = run("--color=no")

    assert "\x1b" not in shown
    assert '≠   "number": 7' in shown


def test_what_a_terminal_would_obey_is_spelt(answered, shop):
    requests_sent = (
        ("PUT", "/thr?x=%1b%5b31m", {"data": b"\x00" * 5000}),
        ("POST", "/orders", {"data": "a\x1b[2Jb", "headers": {"Content-Type": "text/plain"}}),
    )
    for sent in requests_sent:
        shop.upon_receiving("red \x1b[31m").with_request("GET", "/red").will_respond_with(200)
        text = failure_of(answered, shop, sent)

        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text)
    assert r"\x1b" in text


@pytest.mark.parametrize(
    ("content", "shown"), [(b"\x00" * 5000, "5000 bytes"), (b"\xff\xfe", "2 bytes"), (b"text", "text")]
)
def test_a_body_of_bytes_is_shown_as_their_number(answered, shop, content, shown):
    headers = {"Content-Type": "application/octet-stream"}
    text = failure_of(answered, shop, ("PUT", "/thr", {"data": content, "headers": headers}))

    assert f"  body: {shown}" in text.splitlines()


def test_bytes_that_differ_are_shown_as_their_number(answered, orders):
    orders.upon_receiving("it").with_request("PUT", "/", body=b"\x00\x01").will_respond_with(200)
    headers = {"Content-Type": "application/octet-stream"}
    text = failure_of(answered, orders, ("PUT", "/", {"data": b"\x00\x01\x02", "headers": headers}))

    assert re.search(r"^  ≠ body \$: 2 bytes +│ 3 bytes$", text, re.MULTILINE)
