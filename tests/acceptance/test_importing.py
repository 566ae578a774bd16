"""From one live Tallystick into another: everything arrives as it was, whatever happens on the way."""

import json
import os
import re
import signal
import subprocess
import time
from contextlib import ExitStack
from urllib.parse import quote

import pytest
import requests
from support import databases
from support.factories import a_pact, an_interaction
from support.import_worlds import ORDERS, SHOP, World, build
from support.serving import PATIENCE, TALLY, serving

OTHER = {"sqlite": "postgresql", "postgresql": "sqlite"}
MANY = 60
"""Pacts that an import is killed among."""
OTHERS = 4
"""Pacts of the world that it is among."""
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """Return the filled broker on a kind of database, started when it is first asked for."""
    with ExitStack() as running:
        started = {}

        def on(kind):
            if kind not in started:
                url = running.enter_context(databases.NEW_DATABASE[kind]())
                log = tmp_path_factory.mktemp("source") / "log"
                started[kind] = build(running.enter_context(serving(url, log, is_forked=True)))
            return started[kind]

        yield on


@pytest.fixture
def unshared(database_url, tmp_path):
    """A filled broker like `source`, for a test that changes it."""
    log = tmp_path / "log of the source"
    kind = OTHER[database_url.partition(":")[0]]
    with databases.NEW_DATABASE[kind]() as url, serving(url, log, is_forked=True) as address:
        yield build(address)


@pytest.fixture
def source(database_url, filled, request):
    """A filled broker, on the other kind of database than the target."""
    if "unshared" in request.fixturenames:
        return request.getfixturevalue("unshared")
    return filled(OTHER[database_url.partition(":")[0]])


@pytest.fixture
def target(live_broker):
    return World(live_broker)


@pytest.fixture
def start(source, target, tmp_path):
    """Start the import in a process of its own."""

    def started(*words):
        return subprocess.Popen(
            [TALLY, "import", "--from", source.url, "-b", target.url, "--output", "json", *words],
            env={**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return started


@pytest.fixture
def copy(start):
    """Run the import to its end; returns the exit code and the report."""

    def run(*words):
        process = start(*words)
        out, err = process.communicate(timeout=5 * PATIENCE)
        assert out, err
        return process.returncode, json.loads(out)

    return run


def told(world):
    """Return what a broker tells, without what differs between any two brokers."""
    paths = [
        ("pacticipants",),
        *(("pacticipants", name, part) for name in (SHOP, ORDERS) for part in ("versions", "branches")),
        ("pacts", "provider", ORDERS, "consumer", SHOP, "versions"),
        ("environments",),
        ("webhooks", "open-webhook-000001"),
        ("integrations",),
        ("labels",),
    ]
    documents = [world("GET", *path) for path in paths]
    for consumer, number in ((SHOP, "2.0/x"), (SHOP, "1.0 ü"), (SHOP, "3%20"), (ORDERS, "3")):
        place = ("pacts", "provider", ORDERS, "consumer", consumer, "version", number)
        documents += [world("GET", *place), world("GET", *place, "verification-results", "latest")]
    for uuid in (world.environment("production"), world.environment("uat")):
        documents += [
            world("GET", "environments", uuid, "deployed-versions", "currently-deployed"),
            world("GET", "environments", uuid, "released-versions", "currently-supported"),
        ]
    text = json.dumps(documents, ensure_ascii=False, sort_keys=True)
    return json.loads(_neutral(text.replace(world.url, "B")))


def _neutral(text):
    text = UUID.sub("UUID", text)
    # The environments that every broker has from its beginning were not made by the import, and the numbers
    # of results are the broker's own.
    return re.sub(r"verification-results/\d+|Verification result \d+", "RESULT", text)


def test_everything_arrives_as_it_was(source, target, copy):
    code, report = copy()

    assert report["problems"] == []
    theirs, ours = told(source), told(target)
    for mine, other in zip(ours, theirs, strict=True):
        assert without_dates_of_beginning(mine) == without_dates_of_beginning(other)
    assert code == 0


def without_dates_of_beginning(document):
    """Leave out when "production" and "test" were made: with each database."""
    embedded = document.get("_embedded", {}) if isinstance(document, dict) else {}
    if "environments" in embedded:
        embedded["environments"] = [
            {key: value for key, value in item.items() if key != "createdAt"}
            for item in embedded["environments"]
        ]
    return document


QUESTIONS = (
    {"providerVersionBranch": "feat/x y", "includePendingStatus": True},
    {"providerVersionBranch": "new", "includePendingStatus": True, "includeWipPactsSince": "2024-01-01"},
    {"providerVersionTags": ["prod"], "includePendingStatus": True, "includeWipPactsSince": "2024-01-01"},
    {"consumerVersionSelectors": [{"deployedOrReleased": True}, {"branch": "release/1"}]},
)


def test_the_same_pacts_are_pending_and_work_in_progress(source, target, copy):
    copy()

    for question in QUESTIONS:
        assert to_verify(source, question)
        assert to_verify(target, question) == to_verify(source, question)


def to_verify(world, question):
    found = world("POST", "pacts", "provider", ORDERS, "for-verification", json=question)
    pacts = [
        (pact["shortDescription"], pact["verificationProperties"]) for pact in found["_embedded"]["pacts"]
    ]
    return json.loads(_neutral(json.dumps(pacts).replace(world.url, "B")))


def test_a_second_run_creates_nothing_and_says_so(target, copy):
    copy()
    before = told(target)

    code, report = copy()

    assert (code, report["copied"], report["problems"]) == (0, {}, [])
    assert told(target) == before


def test_a_comparison_alone_names_what_is_missing(copy):
    code, report = copy("--compare-only")

    assert code == 1
    assert report["copied"] == {}
    counts = {item["what"]: (item["source"], item["target"]) for item in report["comparison"]["counts"]}
    assert counts["pacts"] == (4, 0)
    assert counts["branches"] == (3, 0)
    assert counts["currently deployed"] == (3, 0)
    differing = report["comparison"]["canIDeploy"]["differing"]
    assert {item["target"].partition(":")[0] for item in differing} == {"no answer"}


@pytest.mark.usefixtures("unshared")
def test_what_is_new_is_fetched_by_another_run(source, target, copy):
    copy()
    changed = a_pact(an_interaction("new"), consumer=SHOP, provider=ORDERS)
    source("PUT", "pacts", "provider", ORDERS, "consumer", SHOP, "version", "4", json=changed)
    source("PUT", "pacticipants", SHOP, "branches", "main", "versions", "4")
    source("PUT", "pacticipants", SHOP, "versions", "3%20", "tags", "late")
    source.deploy("2024-04-01T10:00:00+00:00", ORDERS, "1", "production")
    source.verify("2024-04-02T10:00:00+00:00", (SHOP, "3%20"), "3", success=False)

    code, report = copy()

    assert report["copied"] == {
        "versions": 1,
        "branch versions": 1,
        "tags": 1,
        "pacts": 1,
        "results": 1,
        "deployments": 1,
    }
    assert code == 0
    head = ("pacticipants", SHOP, "branches", "main", "latest-version")
    assert target("GET", *head)["number"] == "4"


@pytest.mark.usefixtures("unshared")
def test_an_import_that_was_killed_goes_on_where_it_was(source, target, start, copy):
    for number in range(MANY):
        source("PUT", "pacticipants", "Many", "versions", str(number))
        pact = a_pact(an_interaction(f"number {number}"), consumer="Many", provider=ORDERS)
        source("PUT", "pacts", "provider", ORDERS, "consumer", "Many", "version", str(number), json=pact)
    process = start()
    in_steps(process, lambda: pacts_of_many(target) >= 5)

    process.send_signal(signal.SIGKILL)
    process.communicate()
    before = pacts_of_many(target)
    code, report = copy()

    assert before < MANY
    assert MANY - before <= report["copied"]["pacts"] <= MANY - before + OTHERS
    assert report["copied"].get("versions", 0) == 0
    assert report["problems"] == []
    assert code == 0
    listed = [world("GET", "pacticipants", "Many", "versions") for world in (source, target)]
    theirs, ours = ([item["number"] for item in found["_embedded"]["versions"]] for found in listed)
    assert ours == theirs


def test_what_the_target_says_otherwise_stays_and_is_told(target, copy):
    target("POST", "pacticipants", json={"name": SHOP, "mainBranch": "trunk"})
    other = a_pact(an_interaction("other"), consumer=SHOP, provider=ORDERS)
    target("PUT", "pacticipants", ORDERS, "versions", "1")
    target("PUT", "pacts", "provider", ORDERS, "consumer", SHOP, "version", "2.0/x", json=other)
    target.deploy("2024-05-01T10:00:00+00:00", ORDERS, "1", "production")
    target("PUT", "pacticipants", ORDERS, "versions", "own")

    code, report = copy()

    assert code == 1
    problems = "\n".join(report["problems"])
    assert f"{SHOP}: mainBranch is 'main' in the source, and stays 'trunk' in the target" in problems
    assert f"The pact of {SHOP} 2.0/x with {ORDERS} has other content in the target" in problems
    assert f"{ORDERS} in production: the target has its own deployment of 1, which stays" in problems
    assert f"{ORDERS}: the target has 1 versions that the source has not, such as own" in problems
    assert report["comparison"]["agrees"] is False
    kept = target("GET", "pacts", "provider", ORDERS, "consumer", SHOP, "version", "2.0/x")
    assert kept["interactions"][0]["description"] == "other"


def in_steps(process, is_far_enough):
    """Let the process work for moments, until it is far enough: it cannot be at its end by then."""
    deadline = time.monotonic() + 60
    while not is_far_enough():
        assert time.monotonic() < deadline
        process.send_signal(signal.SIGCONT)
        time.sleep(0.03)
        process.send_signal(signal.SIGSTOP)


def pacts_of_many(world):
    path = f"pacts/provider/{quote(ORDERS, safe='')}/consumer/Many/versions"
    answer = requests.get(f"{world.url}/{path}", timeout=PATIENCE)
    return len(answer.json()["_embedded"]["pacts"]) if answer.ok else 0
