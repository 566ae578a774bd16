"""Difficult names through every route that writes: what is read back is what was sent."""

import http.client
from json import dumps, loads
from types import SimpleNamespace
from urllib.parse import quote, urlsplit

import pytest
from support.difficult_names import LONG, NAMES, PLAIN, WORDS, names_around
from support.difficult_world import build
from support.serving import serving
from support.surveyed_broker import BASE, KEY, OF_ACCOUNTS, SurveyedBroker
from support.writing_routes import WRITES, Gone

from broker.web.routes import PATHS, rule

# PostgreSQL keeps names and does no more with them: there, each is in one place only.
WORLDS = [
    *(("sqlite", names_around(name)) for name in NAMES),
    *(("sqlite", names) for names in WORDS),
    *(("postgresql", names_around(name)) for name in NAMES[::8]),
    ("sqlite", LONG),
    ("postgresql", LONG),
]
OVER_HTTP = [*map(names_around, NAMES[::8]), LONG]


class Writer:
    """Sends writes to a broker with a world in it, and collects what did not come out as it should."""

    def __init__(self, send, world, base):
        self._send = send
        self._base = base
        self._world = world
        self._number = "1"
        self.wrong = []

    def write(self, write):
        for needed in write.before:
            self.write(needed)
        answer = self._ask(write.method, write.route, write.body(self._world.names), write)
        if answer.status_code == 422 and write.may_be_refused:
            return
        if not 200 <= answer.status_code < 300:
            self.wrong.append((write.method, write.route, answer.status_code, answer.text))
            return
        if write.route.startswith("verification-results"):
            self._number = answer.headers["Location"].rpartition("/")[2]
        created = self._created(answer)
        if write.after:
            self._check(write, created)

    def _created(self, answer):
        """Return the path of what was created, as the header Location says; "" without that header."""
        location = answer.headers.get("Location", self._base)
        path = location.removeprefix(self._base)
        if path == location or (path and self._send("GET", path, json=None).status_code != 200):
            self.wrong.append(("Location", location))
        return path

    def _check(self, write, created):
        route = write.after.route
        answer = self._ask("GET", route) if route else self._send("GET", created, json=None)
        if isinstance(write.after, Gone):
            if answer.status_code != 404:
                self.wrong.append((write.method, write.route, "is still there", answer.text))
        elif found(answer.json, write.after) != getattr(self._world.names, write.after.value):
            self.wrong.append((write.method, write.route, write.after, answer.text))

    def _ask(self, method, route, body=None, write=None):
        names = self._world.names
        pacticipant = names.provider if route == "service-contract-results" else names.consumer
        values = {**self._world.variables(route), "pacticipant": pacticipant, "number": self._number}
        if route == "service-contract-results":
            values["sha"] = self._world.service_contract
        path = PATHS[route].format_map({name: quote(value, safe="") for name, value in values.items()})
        return self._send(
            method,
            path + (write.query if write else ""),
            json=body,
            content_type=write.content_type if write else "application/json",
        )


def found(document, shows):
    """Return the value at a path of keys and positions; None when there is none."""
    for key in shows.where.split("."):
        try:
            document = document[int(key)] if isinstance(document, list) else document[key]
        except (KeyError, IndexError, TypeError):
            return None
    return document


def write_everything(send, world, base):
    writer = Writer(send, world, base)
    for write in WRITES:
        writer.write(write)
    return writer.wrong


@pytest.mark.parametrize(
    ("database_url", "names"),
    WORLDS,
    indirect=["database_url"],
    ids=[f"{database}-{names.consumer[:20]!a}" for database, names in WORLDS],
)
def test_what_is_written_with_difficult_names_is_read_back(database, names):
    broker = SurveyedBroker(database, names)

    assert write_everything(broker.send, broker.world, BASE) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_route_that_writes_is_written_to(database):
    app = SurveyedBroker(database, PLAIN).app
    writing = {
        (method, found.rule)
        for found in app.url_map.iter_rules()
        # Of pages: tests/broker/web/pages/test_change_forms.py; of accounts: tests/broker/web/api/accounts.
        if found.endpoint.partition(".")[0] not in {"forms", *OF_ACCOUNTS}
        for method in (found.methods or set()) - {"GET", "HEAD", "OPTIONS"}
    }

    assert writing - {("POST", rule("error-test"))} == {(write.method, rule(write.route)) for write in WRITES}


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("names", OVER_HTTP, ids=lambda names: ascii(names.consumer[:20]))
def test_a_real_server_takes_them_as_well(database_url, tmp_path, names):
    allowed = {"TALLY_SECRETS_KEY": KEY, "TALLY_ALLOW_DELETING_ALL_INTEGRATIONS": "true"}
    with serving(database_url, tmp_path / "tally-serve.log", environment=allowed, is_forked=True) as url:
        send = sender(url)
        world = build(send, names)

        assert write_everything(send, world, url) == []


def sender(url):
    """Return a function that sends paths as they are; other clients would take dots out of them."""

    def send(method, path, json, content_type="application/json"):
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
        connection.request(
            method, path, dumps(json), {"Content-Type": content_type, "Accept": "application/hal+json"}
        )
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        document = loads(text) if text.startswith("{") else None
        return SimpleNamespace(status_code=answer.status, text=text, headers=answer.headers, json=document)

    return send
