"""The pytest plugin, in suites of its own."""

import json
import re
import subprocess
import sys

import pytest
from support.factories import a_pact, an_interaction


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


@pytest.mark.usefixtures("pacts")
def test_interactions_are_spread_over_the_workers_of_xdist(keeping, run_pytest):
    ended = run_pytest("--provider-url", keeping.url, "--pact", "pacts", "-n", "2")

    assert counted(ended) == {"failed": 1, "passed": 2}, ended.stdout


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
        (("--provider-url", "http://localhost", "--pact", "broken.json"), "broken.json: is not valid JSON"),
    ],
)
def test_what_cannot_be_collected_is_said_without_a_traceback(pacts, run_pytest, arguments, said):
    (pacts.parent / "broken.json").write_text("{")

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


def test_a_suite_without_contracts_does_not_load_the_verifier(run_pytest, tmp_path):
    (tmp_path / "test_light.py").write_text(
        "import sys\n"
        "def test_light():\n"
        "    loaded = [name for name in sys.modules if name.startswith('verifier.')]\n"
        "    assert loaded == ['verifier.pytest_plugin']\n"
    )

    ended = run_pytest("test_light.py")

    assert counted(ended) == {"passed": 1}, ended.stdout
