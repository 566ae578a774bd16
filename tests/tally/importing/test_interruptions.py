"""Whatever happens on the way, an import ends with a reason, and the next one comes to the same end."""

import json
from contextlib import contextmanager

import pytest
import requests
from support import databases
from support.app_server import app_serving
from support.factories import a_pact, an_interaction
from support.hal_server import Answer, hal_server_running
from support.pact_broker import PactBroker

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.database import Database

pytestmark = pytest.mark.no_cover
RELATIONS = ("pacticipants", "versions", "branches", "integrations", "pacts", "environments")
FAULTS = {
    "no longer allowed": Answer({"error": "no"}, 401),
    "broken": Answer({"error": {"message": "broken"}}, 500),
    "a page": Answer("<html>Log in</html>"),
    "a list": Answer([]),
    "nothing": Answer({}),
    "lists of anything": Answer({"_embedded": {name: [1, None, {}] for name in RELATIONS}, "page": []}),
    "no lists": Answer({"_embedded": [], "_links": {"pb:webhooks": [{"href": 1}]}, "matrix": 1}),
}


@pytest.fixture
def source():
    """A broker with a bit of everything."""
    source = PactBroker(deployable=None)
    source.pacticipant("Shop", mainBranch="main", _embedded={"labels": [{"name": "team"}]})
    source.pacticipant("Pay")
    for number in ("2", "1"):
        source.version("Shop", number, branch="main", tags=("prod",))
    source.version("Pay", "p1", branch="trunk")
    pacts = [
        source.publish("Shop", number, "Pay", a_pact(an_interaction(number), consumer="Shop", provider="Pay"))
        for number in ("2", "1")
    ]
    source.results = [(pacts[0], {}), (pacts[1], {"success": False}), (pacts[1], {})]
    source.environment("live")
    source.record("deployed", "live", "Shop", "2", undeployedAt="2024-03-06T10:00:00+00:00")
    source.record("deployed", "live", "Shop", "1", createdAt="2024-03-06T10:00:00+00:00")
    source.record("released", "live", "Pay", "p1", supportEndedAt="2024-03-06T10:00:00+00:00")
    source.webhook("of-good-names-0001", consumer={"name": "Shop"})
    return source


class Faulty:
    """Something else instead of the answer to the request with this number; `hit` says whether it came."""

    def __init__(self, number, fault):
        self.number = number
        self.fault = fault
        self.hit = False

    def instead_of(self, reply):
        """Return what answers in place of *reply*."""

        def answering(asked):
            self.number -= 1
            if self.number == 0:
                self.hit = True
                return self.fault
            return reply(asked)

        return answering


@pytest.fixture
def run(tally, monkeypatch, tmp_path):
    """Run the import, perhaps with a fault; returns what was printed."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    def running(source, target, fault=None, *words):
        with hal_server_running() as server:
            source.answer_from(server)
            if fault is not None:
                server.reply = fault.instead_of(server.reply)
            return tally(
                *("import", "--from", server.base_url, "-b", target, "--retries", 0, "--output", "json"),
                *("--from-concurrency", 1, *words),
            )

    return running


@contextmanager
def another_app():
    with databases.NEW_DATABASE["sqlite"]() as url:
        database = Database(url)
        yield create_app(Settings(), database)
        database.close()


def what_it_has(target):
    """Return what the target tells of everything, without addresses and what is its own."""
    found = requests.get(f"{target}/environments?name=live", timeout=30).json()
    (environment,) = found["_embedded"]["environments"]
    paths = (
        *("/pacticipants/Shop/versions", "/pacticipants/Pay/versions", "/pacticipants/Shop/branches"),
        *("/pacticipants/Shop/branches/main/latest-version", "/pacts/provider/Pay/consumer/Shop/versions"),
        *("/pacts/provider/Pay/consumer/Shop/version/1", "/webhooks/of-good-names-0001", "/labels"),
        f"/environments/{environment['uuid']}/deployed-versions/currently-deployed",
        f"/pacticipants/Pay/versions/p1/released-versions/environment/{environment['uuid']}",
    )
    found = [requests.get(target + path, timeout=30).json() for path in paths]
    return json.loads(json.dumps(found), object_hook=_without_identity)


def _without_identity(document):
    own = {"_links", "uuid", "updatedAt"}
    return {key: value for key, value in document.items() if key not in own}


def test_a_source_that_fails_anywhere_ends_the_import_with_a_reason_and_the_next_one_completes_it(
    source, target, run
):
    kinds = list(FAULTS.values())
    numbers = range(1, 60, 2)
    faults = [Faulty(number, kinds[index % len(kinds)]) for index, number in enumerate(numbers)]
    for fault in faults:
        told = run(source, target, fault)
        if fault.hit:
            assert told.code in {0, 1, 2}, (fault.fault, told)  # without metrics, counts are not compared
            assert "unexpected" not in told.err.replace("unexpectedly", ""), told.err

    completed = run(source, target)
    with another_app() as app, app_serving(app) as clean:
        run(source, clean)
        assert what_it_has(target) == what_it_has(clean)
    report = json.loads(completed.out)
    assert report["problems"] == []
    assert all(count["agrees"] for count in report["comparison"]["counts"])
    assert sum(fault.hit for fault in faults) >= 20


@pytest.mark.parametrize("kind", FAULTS)
def test_a_dry_run_never_takes_a_wrong_answer_for_nothing(source, target, run, kind):
    for number in (2, 3, 6, 9):
        told = run(source, target, Faulty(number, FAULTS[kind]), "--dry-run")

        assert told.code in {1, 2}, (number, told)


def test_a_dry_run_after_an_interruption_says_what_the_next_run_does(source, run):
    for number in (8, 14, 19, 24, 28):
        with another_app() as app, app_serving(app) as target:
            interrupted = run(source, target, Faulty(number, FAULTS["broken"]))
            dry, real = (json.loads(run(source, target, None, *words).out) for words in (["--dry-run"], []))

        assert interrupted.code == 2 or json.loads(interrupted.out)["problems"], number
        for what in ("copied", "present", "problems", "notes"):
            assert dry[what] == real[what], (number, what)


def test_credentials_that_end_midway_name_the_options_of_their_broker(source, target, run):
    told = run(source, target, Faulty(5, FAULTS["no longer allowed"]))

    assert told.code == 2
    assert "--from-token (FROM_BROKER_TOKEN)" in told.err
    assert "the same command continues where it stopped" in told.err


def test_an_answer_of_another_shape_is_named_with_its_place(source, target, run):
    source.versions["Shop"][0]["createdAt"] = "yesterday\nor so"

    told = run(source, target)

    assert told.code == 2
    assert "answered, but not as a Pact Broker does: _embedded.versions[1].createdAt is no date" in told.err
    assert "/pacticipants/Shop/versions?page=1" in told.err


class Refusing:
    """The application, but for one write, which is answered with a status."""

    def __init__(self, app, number, status):
        self.app = app
        self.number = number
        self.status = status

    def __call__(self, environ, start_response):
        if environ["REQUEST_METHOD"] != "GET":
            self.number -= 1
            if self.number == 0:
                start_response(self.status, [("Content-Type", "application/json")])
                return [b'{"error": "not now"}']
        return self.app(environ, start_response)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("401 Unauthorized", 2),
        ("403 Forbidden", 2),
        ("429 Too Many Requests", 2),
        ("500 Internal Server Error", 2),
        ("503 Service Unavailable", 2),
        ("413 Content Too Large", 1),
        ("409 Conflict", 1),
    ],
)
def test_a_target_that_refuses_one_request_is_completed_by_the_next_run(run, source, status, code):
    for number in (1, 4, 9, 14):
        with another_app() as app:
            with app_serving(Refusing(app, number, status)) as url:
                told = run(source, url)
            with app_serving(app) as url:
                completed = json.loads(run(source, url).out)

        assert told.code == code, (number, told)
        assert "not now" in told.err + told.out or status.startswith("401")
        assert completed["problems"] == []
        assert all(count["agrees"] for count in completed["comparison"]["counts"])
