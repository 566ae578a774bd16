"""One line for each request that the real `tally serve` was asked, whoever has answered it."""

import json
import socket
import threading
from contextlib import suppress

import pytest
import requests
from support.receivers import wait_until
from support.serving import serving

TOKEN = "a-token-of-16-characters"
ON = {
    "TALLY_ACCESS_LOG": "true",
    "TALLY_API_TOKENS": f"ci:write:{TOKEN}",
    "TALLY_ALLOW_PUBLIC_READ": "true",
    "TALLY_MAX_REQUEST_MEGABYTES": "1",
    "TALLY_TRUSTED_PROXIES": "1",
    "TALLY_LOG_LEVEL": "warning",
}
BY_CI = {"Authorization": f"Bearer {TOKEN}"}


class Logged:
    """A broker with an access log."""

    def __init__(self, url, log):
        self.url = url
        self._log = log
        self._count = 0

    @property
    def text(self):
        return self._log.read_text()

    @property
    def lines(self):
        found = [json.loads(line) for line in self.text.splitlines()]
        return [line for line in found if line["logger"] == "broker.access"]

    def ask(self, method, path, **options):
        """Ask, and return the answer and its line."""
        self._count += 1
        request_id = f"test-{self._count}"
        headers = {"X-Request-Id": request_id, **options.pop("headers", {})}
        answer = requests.request(method, self.url + path, headers=headers, timeout=30, **options)
        wait_until(lambda: f'"{request_id}"' in self.text)
        [line] = [line for line in self.lines if line.get("request_id") == request_id]
        return answer, line

    def send(self, data, *, request_id):
        """Send bytes; return what came back, and the line."""
        host, port = self.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.sendall(data)
            received = b""
            with suppress(ConnectionError):
                while part := connection.recv(65_536):
                    received += part
        wait_until(lambda: f'"{request_id}"' in self.text)
        [line] = [line for line in self.lines if line.get("request_id") == request_id]
        return received, line


@pytest.fixture(scope="module")
def logged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("logged")
    environment = ON | {"TALLY_LOG_FORMAT": "json"}
    url = f"sqlite:///{folder}/x.sqlite3"
    with serving(url, folder / "log", environment=environment, is_forked=True) as broker:
        yield Logged(broker, folder / "log")


def test_a_line_says_who_asked_what_and_what_came_of_it(logged):
    headers = BY_CI | {"X-Forwarded-For": "203.0.113.7:1234"}

    answer, line = logged.ask("POST", "/pacticipants?x=canary", json={"name": "Shop"}, headers=headers)

    assert answer.status_code == 201
    assert line.pop("ms") > 0
    assert line.pop("timestamp")
    assert line == {
        "level": "info",
        "logger": "broker.access",
        "message": "POST /pacticipants 201",
        "request_id": answer.headers["X-Request-Id"],
        "actor": "settings:ci",
        "actor_kind": "settings",
        "method": "POST",
        "route": "/pacticipants",
        "path": "/pacticipants",
        "status": 201,
        "bytes": len(answer.content),
        "address": "203.0.113.7",
    }
    assert "canary" not in logged.text


def test_nobody_in_particular_has_no_name(logged):
    answer, line = logged.ask("GET", "/pacticipants/No%20body%C3%A4")

    assert answer.status_code == 404
    assert (line["actor"], line["actor_kind"]) == (None, None)
    assert (line["route"], line["path"]) == ("/pacticipants/{pacticipant}", "/pacticipants/No%20body%C3%A4")


def test_a_wrong_token_is_in_no_line(logged):
    answer, line = logged.ask(
        "POST", "/pacticipants", json={}, headers={"Authorization": "Bearer canary-of-a-token"}
    )

    assert (answer.status_code, line["actor"]) == (401, None)
    assert "canary-of" not in logged.text


def test_a_token_and_the_code_of_a_link_in_an_address_are_in_no_line(logged):
    token = f"tallys_{'x' * 40}"

    _, misplaced = logged.ask("GET", f"/pacticipants/{token}")
    _, link = logged.ask("GET", "/log-in/link?code=canary-code", headers={"Accept": "text/html"})

    assert misplaced["path"] == "(has a token)"
    assert token not in logged.text
    assert (link["route"], link["path"]) == ("/log-in/link", "/log-in/link")
    assert "canary-code" not in logged.text


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\nX-Request-Id: ID\r\n\r\n", 400),
        (b"GET /a HTTP/1.1\r\nX-Request-Id: ID\r\nA: b\r\nno header\r\n\r\n", 400),
        (b"GET /a HTTP/1.1\r\nHost: a\r\nX-Request-Id: ID\r\n" + 10 * (b"X: " + 8000 * b"x" + b"\r\n"), 431),
        (
            b"PUT /pacticipants/A HTTP/1.1\r\nHost: a\r\nX-Request-Id: ID\r\nContent-Length: 2000000\r\n"
            b"Authorization: Bearer " + TOKEN.encode() + b"\r\n\r\n",
            413,
        ),
    ],
)
def test_what_no_view_has_answered_has_a_line_too(logged, data, status):
    request_id = f"refused-{len(data)}"

    received, line = logged.send(
        data.replace(b"ID", request_id.encode()).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"),
        request_id=request_id,
    )

    assert received.startswith(b"HTTP/1.1 %d " % status)
    assert f"x-request-id: {request_id}".encode() in received.lower()
    assert line["status"] == status


def test_a_body_that_breaks_off_with_the_headers_has_one_line_with_what_the_client_got(logged):
    request_id = "broken-chunk"
    headers = f"PUT /pacticipants/A HTTP/1.1\r\nHost: a\r\nX-Request-Id: {request_id}\r\n"

    received, line = logged.send(
        f"{headers}Transfer-Encoding: chunked\r\n\r\nno length\r\n".encode(), request_id=request_id
    )
    logged.ask("GET", "/")

    assert received.startswith(b"HTTP/1.1 400 ")
    assert (line["status"], line["bytes"]) == (400, len(b"Bad Request\n"))
    assert [line["request_id"] for line in logged.lines].count(request_id) == 1


def test_an_address_cannot_begin_a_line_of_its_own(logged):
    before = len(logged.lines)

    _, line = logged.send(
        b"GET /%0a2026%1b HTTP/1.1\r\nHost: a\r\nX-Request-Id: hostile\r\nConnection: close\r\n\r\n",
        request_id="hostile",
    )

    assert line["path"] == "/%0a2026%1b"
    assert len(logged.lines) == before + 1


def test_an_answer_that_was_held_back_has_one_line_with_the_time_that_it_took(logged):
    requests.put(f"{logged.url}/pacticipants/Waiting", json={"name": "Waiting"}, headers=BY_CI, timeout=30)
    requests.put(f"{logged.url}/pacticipants/Waiting/versions/1", json={}, headers=BY_CI, timeout=30)

    query = "/matrix?q[][pacticipant]=Waiting&q[][version]=2&wait=1"
    answer, line = logged.ask("GET", query)

    assert line["status"] == answer.status_code
    assert line["route"] == "/matrix"


def test_events_have_a_line_when_they_end(logged):
    headers = {"Accept": "text/event-stream", "X-Request-Id": "events"}
    with requests.get(f"{logged.url}/live", headers=headers, timeout=30, stream=True) as answer:
        assert answer.headers["X-Request-Id"] == "events"
        lines = answer.iter_lines()  # kept: requests hangs up when it is thrown away
        next(lines)
        assert "events" not in [line.get("request_id") for line in logged.lines]

    wait_until(lambda: "events" in [line.get("request_id") for line in logged.lines])


def test_probes_have_lines_only_when_they_fail(logged):
    for path in ("/diagnostic/status/heartbeat", "/health/live"):
        requests.get(logged.url + path, headers={"X-Request-Id": f"probe{path}"}, timeout=30)
    logged.ask("GET", "/")

    probes = [line["status"] for line in logged.lines if line.get("request_id", "").startswith("probe/")]
    assert [status for status in probes if status < 400] == []


def test_a_client_that_hangs_up_has_a_line(logged):
    host, port = logged.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(
            b"POST /pacticipants HTTP/1.1\r\nHost: a\r\nX-Request-Id: gone\r\nContent-Length: 9\r\n"
            b"Content-Type: application/json\r\n"
            b"Authorization: Bearer " + TOKEN.encode() + b"\r\n\r\n{"
        )

    wait_until(lambda: '"gone"' in logged.text)
    [line] = [line for line in logged.lines if line["request_id"] == "gone"]
    assert (line["status"], line["bytes"]) == (499, 0)


def test_requests_at_the_same_time_keep_their_ids(logged):
    def ask(number):
        headers = {"X-Request-Id": f"together-{number}"}
        answer = requests.get(f"{logged.url}/pacticipants/P{number}", headers=headers, timeout=30)
        assert answer.headers["X-Request-Id"] == f"together-{number}"

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    wait_until(lambda: logged.text.count('"together-') == 12)
    paths = {line["request_id"]: line["path"] for line in logged.lines if "together" in line["request_id"]}
    assert paths == {f"together-{number}": f"/pacticipants/P{number}" for number in range(12)}


def test_for_people_a_line_has_the_same_values_by_name(tmp_path):
    log = tmp_path / "log"
    url = f"sqlite:///{tmp_path}/x.sqlite3"
    with serving(url, log, environment=ON, is_forked=True) as broker:
        requests.get(f"{broker}/pacticipants/A%3Db", headers={"X-Request-Id": "r1"}, timeout=30)

    [line] = [line for line in log.read_text().splitlines() if "r1" in line]
    assert " INFO broker.access request_id=r1 actor=- actor_kind=- method=GET " in line
    assert " route=/pacticipants/{pacticipant} path=/pacticipants/A%3Db status=404 ms=" in line


def test_without_the_setting_there_are_no_lines(tmp_path):
    log = tmp_path / "log"
    with serving(f"sqlite:///{tmp_path}/x.sqlite3", log, is_forked=True) as broker:
        requests.get(f"{broker}/pacticipants", timeout=30)

    assert "pacticipants" not in log.read_text()
