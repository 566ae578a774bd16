"""The pytest plugin, in suites of its own."""

import json
import re
import subprocess
import sys
import time

import pytest
from support.factories import a_message, a_message_pact, a_pact, an_interaction


@pytest.fixture
def run_pytest(tmp_path):
    """Run pytest in a directory that is not part of this suite; returns the process that ended."""
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")

    def run(*arguments):
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:cov", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    return run


@pytest.fixture
def pacts(tmp_path):
    """A folder with a pact of three interactions, two of which the provider keeps."""
    folder = tmp_path / "pacts"
    folder.mkdir()
    lost = an_interaction("a lost order", request={"method": "GET", "path": "/orders/2"})
    pact = a_pact(an_interaction(), an_interaction(), lost)
    (folder / "shop-orders.json").write_text(json.dumps(pact))
    (folder.parent / "test_other.py").write_text("def test_other(): pass\n")
    return folder


def counted(ended):
    last = ended.stdout.strip().splitlines()[-1]
    return {word: int(number) for number, word in re.findall(r"(\d+) ([a-z]+)", last) if word != "in"}


@pytest.mark.usefixtures("pacts")
def test_each_interaction_is_a_test(keeping, run_pytest):
    ended = run_pytest("--provider-url", keeping.url, "--pact", "pacts", "-v")

    assert counted(ended) == {"failed": 1, "passed": 2}, ended.stdout
    assert "shop-orders.json::a request for order 1, given an order exists (id=1) PASSED" in ended.stdout
    assert "shop-orders.json::a request for order 1, given an order exists (id=1) #2 PASSED" in ended.stdout
    assert "status: Expected 200" in ended.stdout
    assert f"curl -i {keeping.url}/orders/2" in ended.stdout
    assert "Traceback" not in ended.stdout


@pytest.mark.usefixtures("pacts")
def test_interactions_are_selected_as_any_test(keeping, run_pytest):
    ended = run_pytest("--provider-url", keeping.url, "--pact", "pacts/shop-orders.json", "-k", "lost")

    assert counted(ended) == {"failed": 1, "deselected": 2}, ended.stdout


@pytest.mark.usefixtures("pacts")
def test_interactions_run_beside_other_tests_when_both_are_named(keeping, run_pytest):
    ended = run_pytest("test_other.py", "--provider-url", keeping.url, "--pact", "pacts", "-k", "not lost")

    assert counted(ended) == {"passed": 3, "deselected": 1}, ended.stdout


def verdicts(ended):
    """Return the outcome of each test by its name."""
    lines = re.findall(r"^(PASSED|FAILED|XFAIL|ERROR) (.+?)(?: - .*)?$", ended.stdout, re.MULTILINE)
    return {name: outcome for outcome, name in lines}


@pytest.fixture
def remembering(provider):
    """A provider that is in one state at a time, and that knows what was created before."""
    created = []
    state = {"now": None}

    def change(asked):
        state["now"] = asked.json["state"] or None
        return provider.answer({})

    def in_state(_):
        time.sleep(0.02)  # time for another worker to change it
        return provider.answer({"state": state["now"]})

    def create(_):
        time.sleep(0.1)
        created.append(1)
        return provider.answer({}, 201)

    provider.on("POST", "/states", change)
    provider.on("GET", "/state", in_state)
    provider.on("POST", "/things", create)
    provider.on("GET", "/things", lambda _: provider.answer({"count": len(created)}))
    return provider


def in_the_state(name):
    return an_interaction(
        f"the state {name}",
        providerStates=[{"name": name}],
        request={"method": "GET", "path": "/state"},
        response={"status": 200, "body": {"state": name}},
    )


def a_pact_of_everything():
    """Return a pact that depends on states and order, with messages and a broken interaction."""
    new = {"providerStates": [], "request": {"method": "POST", "path": "/things"}}
    known = {"providerStates": [], "request": {"method": "GET", "path": "/things"}}
    interactions = [
        *(in_the_state(str(number)) for number in range(8)),
        an_interaction("a new thing", **new, response={"status": 201}),
        an_interaction("one thing", **known, response={"status": 200, "body": {"count": 1}}),
        an_interaction("lost", providerStates=[], request={"method": "GET", "path": "/lost"}),
        an_interaction(
            "lost, too", providerStates=[], request={"method": "GET", "path": "/no"}, pending=True
        ),
    ]
    message = {"type": "Asynchronous/Messages", "description": "an event", "contents": {"content": "x"}}
    typed = [{"type": "Synchronous/HTTP", **interaction} for interaction in interactions]
    return a_pact(*typed, message, metadata={"pactSpecification": {"version": "4.0"}})


def test_the_verdicts_are_the_same_with_the_workers_of_xdist(remembering, pacts, run_pytest):
    (pacts / "shop-orders.json").write_text(json.dumps(a_pact_of_everything()))
    (pacts / "broken.json").write_text("{")
    (pacts / "empty.json").write_text(json.dumps(a_pact(interactions=[])))
    urls = ("--provider-url", remembering.url, "--provider-state-url", f"{remembering.url}/states")
    options = ("test_other.py", *urls, "--pact", "pacts", "-rA")
    together = run_pytest(*options, "-n", "2")
    remembering.on("GET", "/things", {"count": 1})  # it remembers what the other run has created

    alone = run_pytest(*options, "-n", "0")

    assert verdicts(together) == verdicts(alone)
    assert counted(alone) == {"failed": 4, "passed": 11, "xfailed": 1}, alone.stdout
    assert alone.returncode == together.returncode == 1


@pytest.mark.usefixtures("pacts")
def test_workers_of_xdist_take_turns_at_one_provider_in_tests_of_the_user(remembering, run_pytest, tmp_path):
    pact = a_pact(*(in_the_state(str(number)) for number in range(8)))
    (tmp_path / "pacts" / "shop-orders.json").write_text(json.dumps(pact))
    (tmp_path / "test_contract.py").write_text(
        f"""
import pytest
from verifier import Verifier

VERIFIER = Verifier("{remembering.url}", state_change_url="{remembering.url}/states").add_pact("pacts")

@pytest.mark.verifies(VERIFIER)
def test_contract(pact_interaction):
    pact_interaction.verify()
"""
    )

    ended = run_pytest("test_contract.py", "-n", "2")

    assert counted(ended) == {"passed": 8}, ended.stdout


def test_a_message_names_the_ways_to_get_it_and_stops_no_other_test(keeping, pacts, run_pytest):
    pact = a_pact(an_interaction(), messages=[a_message()])
    (pacts / "shop-orders.json").write_text(json.dumps(pact))

    ended = run_pytest("--provider-url", keeping.url, "--pact", "pacts")

    assert counted(ended) == {"failed": 1, "passed": 1}, ended.stdout
    assert "give --provider-message-url URL" in ended.stdout
    assert "Verifier(…).message(description, function)" in ended.stdout
    assert "--message-url," not in ended.stdout


def test_messages_come_from_the_url_that_is_named_for_them(keeping, pacts, run_pytest):
    keeping.on("POST", "/_messages", {"id": 1, "status": "paid"})
    (pacts / "shop-orders.json").write_text(json.dumps(a_message_pact()))
    urls = ("--provider-url", keeping.url, "--provider-message-url", f"{keeping.url}/_messages")

    ended = run_pytest(*urls, "--pact", "pacts")

    assert counted(ended) == {"passed": 1}, ended.stdout


def test_a_file_that_is_no_pact_fails_and_stops_no_other(keeping, pacts, run_pytest):
    (pacts / "broken.json").write_text("{")
    (pacts / "empty.json").write_text(json.dumps(a_pact(interactions=[])))
    (pacts / "shop-orders.json").write_text(json.dumps(a_pact()))

    ended = run_pytest("--provider-url", keeping.url, "--pact", "pacts")

    assert counted(ended) == {"failed": 2, "passed": 1}, ended.stdout
    assert "broken.json: is not valid JSON" in ended.stdout
    assert "is empty: it has no interaction" in ended.stdout


@pytest.mark.usefixtures("pacts")
def test_other_json_files_are_left_alone(run_pytest):
    ended = run_pytest("pacts", "test_other.py")

    assert counted(ended) == {"passed": 1}, ended.stdout


@pytest.mark.usefixtures("pacts")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--pact", "pacts"), "--pact needs one of --provider-url URL"),
        (("--pact", "nowhere", "--provider-url", "http://localhost"), "--pact nowhere: there is no pact"),
    ],
)
def test_what_is_missing_is_said_without_a_traceback(run_pytest, arguments, said):
    ended = run_pytest(*arguments)

    assert ended.returncode == 4
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr + ended.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--provider-app", "nowhere:app"), "No module named 'nowhere'"),
        (("--provider-url", "nowhere"), "'nowhere' is not an address"),
    ],
)
@pytest.mark.usefixtures("pacts")
def test_what_cannot_be_collected_is_said_without_a_traceback(run_pytest, arguments, said):
    ended = run_pytest("--pact", "pacts", *arguments)

    assert ended.returncode == 2
    assert said in ended.stdout
    assert "Traceback" not in ended.stdout
    assert ".py:" not in ended.stdout


SUITE = """
import flask
import pytest
from verifier import Verifier

app = flask.Flask("shop")
orders = {}

@app.get("/orders/<int:number>")
def order(number):
    return orders.get(number) or flask.abort(404)

def create(id):
    orders[id] = {"id": id, "status": "paid"}

def test_other():
    pass

verifier = Verifier(provider=app).add_pact("pacts").state("an order exists", create)

@pytest.mark.verifies(verifier)
def test_contract(pact_interaction):
    result = pact_interaction.verify()
    assert result.duration_ms > 0
"""


@pytest.mark.usefixtures("pacts")
def test_a_test_runs_for_each_interaction_of_a_verifier(run_pytest, tmp_path):
    (tmp_path / "test_contract.py").write_text(SUITE)

    ended = run_pytest("test_contract.py", "-v", "--strict-markers")

    assert counted(ended) == {"failed": 1, "passed": 3}, ended.stdout
    assert "test_contract[a lost order, given an order exists (id=1)] FAILED" in ended.stdout


def test_a_pending_interaction_that_fails_is_expected_to(pacts, run_pytest, tmp_path):
    interaction = {"type": "Synchronous/HTTP", "pending": True, **an_interaction("new")}
    interaction["request"] = {"method": "GET", "path": "/nowhere"}
    interaction["response"] = {"status": 200}
    pact = a_pact(interaction, metadata={"pactSpecification": {"version": "4.0"}})
    (pacts / "shop-orders.json").write_text(json.dumps(pact))
    (tmp_path / "test_contract.py").write_text(SUITE)

    ended = run_pytest("test_contract.py", "-k", "new")

    assert counted(ended) == {"deselected": 1, "xfailed": 1}, ended.stdout


def test_a_test_that_does_not_say_whose_interaction_it_wants_is_refused(run_pytest, tmp_path):
    (tmp_path / "test_contract.py").write_text("def test_contract(pact_interaction): pass\n")

    ended = run_pytest("test_contract.py")

    assert ended.returncode != 0
    assert "pact_interaction needs" in ended.stdout + ended.stderr


BESIDE_A_MESSAGE = """
import flask
import pytest
from verifier import Verifier

app = flask.Flask("shop")

@app.get("/orders/1")
def order():
    return {"id": 1, "status": "paid"}

verifier = Verifier(provider=app, state_change_url=None).add_pact("pacts")

@pytest.mark.verifies(verifier)
def test_contract(pact_interaction):
    pact_interaction.verify()
"""


def test_in_tests_of_the_user_what_cannot_be_verified_stops_nothing_else(pacts, run_pytest, tmp_path):
    pact = a_pact(an_interaction(), messages=[a_message()])
    (pacts / "shop-orders.json").write_text(json.dumps(pact))
    (pacts / "broken.json").write_text("{")
    (tmp_path / "test_contract.py").write_text(BESIDE_A_MESSAGE)

    ended = run_pytest("test_contract.py", "test_other.py")

    assert counted(ended) == {"failed": 2, "passed": 2}, ended.stdout
    assert "add a function with .message(description, function)" in ended.stdout
    assert "broken.json: is not valid JSON" in ended.stdout


def test_a_suite_without_contracts_does_not_load_the_verifier(run_pytest, tmp_path):
    (tmp_path / "test_light.py").write_text(
        "import sys\n"
        "def test_light():\n"
        "    loaded = [name for name in sys.modules if name.startswith('verifier.')]\n"
        "    assert loaded == ['verifier.pytest_plugin']\n"
    )

    ended = run_pytest("test_light.py")

    assert counted(ended) == {"passed": 1}, ended.stdout
