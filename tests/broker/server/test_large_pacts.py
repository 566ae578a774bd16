"""Pacts of many megabytes on a real server: what they take, and whether others have to wait."""

import json
import threading
from functools import partial
from pathlib import Path

import pytest
import requests
from sqlalchemy import func, select
from support.factories import a_pact, a_publication, an_interaction
from support.receivers import wait_until
from support.serving import HEARTBEAT, PATIENCE, serving

from broker.storage.tables import search_queue

pytestmark = pytest.mark.no_cover

MEGABYTES = 10
MOST, MOST_IN_ALL = 9, 14
"""Times its size that a large pact may take of the server's memory: by one request, and with what is left.

Objects for many interactions take 2.4 (3.8 while they are read), and requests leave 1 to 2.5 behind. What is
left includes indexing it for the search afterwards.
"""
TIME_TO_INDEX = 120.0
"""Seconds: a slow machine takes half a minute."""
TEXT = "x" * 1000
PACT = "/pacts/provider/Orders/consumer/Shop/version"
JSON = {"Content-Type": "application/json"}
PACTS = {
    "many interactions": lambda: [_of(str(number), TEXT) for number in range(1000 * MEGABYTES)],
    "one large interaction": lambda: [_of("all", TEXT * 1000 * MEGABYTES)],
}
BOTH = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


def _of(description, text):
    return an_interaction(description, response={"status": 200, "body": {"text": text}})


@pytest.fixture
def live_broker(database_url, tmp_path):
    """A broker that shares no memory with the process that it was forked from."""
    with serving(database_url, tmp_path / "log") as url:
        yield url


@pytest.fixture
def times_its_size(live_broker, database):
    """Do something with an idle server; return its answer, and the memory that took in times a size, twice.

    First what the answer took, more than it had just before; then what it had at most until it was idle
    again, more than in the beginning.
    """
    variable = f"TALLY_PORT={live_broker.rpartition(':')[2]}\0".encode()
    [server] = [path for path in Path("/proc").glob("[0-9]*") if variable in _environment(path)]
    requests.put(f"{live_broker}{PACT}/0", json=a_pact(an_interaction()), timeout=PATIENCE)
    at_first = _kilobytes(server, "VmRSS")

    def grown(request, size):
        (server / "clear_refs").write_text("5")  # forget what was the most
        before = _kilobytes(server, "VmRSS")
        answer = request()
        alone = _kilobytes(server, "VmHWM") - before
        wait_until(lambda: _is_indexed(database), TIME_TO_INDEX)
        in_all = _kilobytes(server, "VmHWM") - at_first
        return answer, alone * 1024 / size, in_all * 1024 / size

    return grown


def _is_indexed(database):
    with database.connection() as connection:
        return not connection.scalar(select(func.count()).select_from(search_queue))


def _kilobytes(server, what):
    lines = (server / "status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(what)).split()[1])


def _environment(process):
    try:
        return (process / "environ").read_bytes()
    except OSError:  # it has ended, or is another user's
        return b""


def _steps(broker, before, after):
    """Return requests that have to do with a large pact, each with the status it is answered with."""
    url = f"{broker}{PACT}"
    small = a_pact(an_interaction("of another test"))
    publication = a_publication(after, pacticipantVersionNumber="3")
    conflict = a_publication(before, pacticipantVersionNumber="3")
    return {
        "publish": (201, "PUT", f"{url}/1", before),
        "publish again": (200, "PUT", f"{url}/1", before),
        "conflict": (409, "PUT", f"{url}/1", after),
        "publish the next": (201, "PUT", f"{url}/2", after),
        "publish contracts": (200, "POST", f"{broker}/contracts/publish", publication),
        "contracts in conflict": (409, "POST", f"{broker}/contracts/publish", conflict),
        "merge": (200, "PATCH", f"{url}/3", small),
        "read": (200, "GET", f"{url}/1", None),
        "compare": (200, "GET", f"{url}/2/diff/previous-distinct", None),
        "look at": (200, "GET", f"{url}/1?as=page", None),
    }


@BOTH
@pytest.mark.parametrize("kind", PACTS)
def test_a_large_pact_takes_a_bounded_multiple_of_its_size(live_broker, times_its_size, kind):
    before, after = (a_pact(*PACTS[kind](), an_interaction(name)) for name in ("old", "new"))
    size = len(json.dumps(before))

    alone, in_all = {}, {}
    for name, (status, method, url, body) in _steps(live_broker, before, after).items():
        content = None if body is None else json.dumps(body).encode()
        headers = JSON | ({"Accept": "text/html"} if "as=page" in url else {})
        answer, alone[name], in_all[name] = times_its_size(
            partial(requests.request, method, url, data=content, headers=headers, timeout=PATIENCE), size
        )
        assert answer.status_code == status, (name, answer.text[:200])

    assert {name: times for name, times in alone.items() if times > MOST} == {}
    assert {name: times for name, times in in_all.items() if times > MOST_IN_ALL} == {}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_others_are_answered_while_a_large_pact_is_published(live_broker):
    content = json.dumps(a_pact(*PACTS["many interactions"]())).encode()
    url = f"{live_broker}/pacts/provider/Orders/consumer/Shop/version/1"
    put = threading.Thread(
        target=requests.put,
        args=(url,),
        kwargs={"data": content, "headers": JSON, "timeout": PATIENCE},
    )

    put.start()
    answered = 0
    while put.is_alive():
        requests.get(live_broker + HEARTBEAT, timeout=PATIENCE).raise_for_status()
        answered += 1
    put.join()

    assert answered > 1
