"""Pacts of many megabytes on a real server: what they take, and whether others have to wait."""

import json
import threading
from pathlib import Path

import pytest
import requests
from factories import a_pact, an_interaction
from serving import HEARTBEAT, PATIENCE

MEGABYTES = 10
MOST = 14
"""Times its size that a pact may take of the server's memory; it takes 8 to 11 where this was measured."""
TEXT = "x" * 1000
JSON = {"Content-Type": "application/json"}
PACTS = {
    "many interactions": lambda: [_of(str(number), TEXT) for number in range(1000 * MEGABYTES)],
    "one large interaction": lambda: [_of("all", TEXT * 1000 * MEGABYTES)],
}
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def _of(description, text):
    return an_interaction(description, response={"status": 200, "body": {"text": text}})


@pytest.fixture
def memory(live_broker):
    """Return how many megabytes the server has had at most."""
    variable = f"TALLY_PORT={live_broker.rpartition(':')[2]}\0".encode()
    [server] = [path for path in Path("/proc").glob("[0-9]*") if variable in _environment(path)]

    def most():
        lines = (server / "status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024

    return most


def _environment(process):
    try:
        return (process / "environ").read_bytes()
    except OSError:  # it has ended, or is another user's
        return b""


@pytest.mark.parametrize("kind", PACTS)
def test_a_large_pact_takes_a_bounded_multiple_of_its_size(live_broker, memory, kind):
    content = json.dumps(a_pact(*PACTS[kind]())).encode()
    url = f"{live_broker}/pacts/provider/Orders/consumer/Shop/version/1"
    before = memory()

    published = requests.put(
        url, data=content, headers={"Content-Type": "application/json"}, timeout=PATIENCE
    )
    read = requests.get(url, timeout=PATIENCE)

    assert (published.status_code, read.status_code) == (201, 200)
    assert len(read.content) > len(content)
    assert (memory() - before) * 1024 * 1024 < MOST * len(content)


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
