"""`--pact-publish`: a whole run that passed publishes, every other says that it does not."""

import json
import os
from base64 import b64decode

import pytest
import requests
from support.app_server import app_serving
from support.hal_server import Answer, hal_server_running

from broker.app import create_app
from broker.settings.settings import Settings

COMMIT = "5f0c2a7b1e5c4b60a1d2f3c4b5a697886950413f"


@pytest.fixture(autouse=True)
def build(monkeypatch):
    """What a CI system says of its build; nothing that is set on this machine."""
    for name in os.environ:
        if name.startswith(("PACT_BROKER_", "SSL_", "GITHUB_", "GITLAB_", "CI")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("GITLAB_CI", "true")
    monkeypatch.setenv("CI_COMMIT_SHA", COMMIT)
    monkeypatch.setenv("CI_COMMIT_BRANCH", "main")


@pytest.fixture
def hal_server(monkeypatch):
    """A broker that remembers what it was sent."""
    with hal_server_running() as server:
        publish = {"href": server.url("/contracts/publish")}
        server.answers("GET", "/", {"_links": {"pb:publish-contracts": publish}})
        notices = {"notices": [{"type": "success", "text": "Pact published."}]}
        server.answers("POST", "/contracts/publish", notices)
        monkeypatch.setenv("PACT_BROKER_BASE_URL", server.base_url)
        monkeypatch.setenv("PACT_BROKER_TOKEN", "a-token")
        yield server


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_whole_run_publishes_once_what_it_has_written(suite, hal_server, workers):
    suite.tests(test_a="one two", test_b="three")

    finished = suite.run("--pact-publish", "-n", workers)

    assert finished.returncode == 0, finished.stdout
    assert "Pact published." in finished.stdout
    (sent,) = hal_server.sent("POST")
    assert sent.headers["Authorization"] == "Bearer a-token"
    published = (sent.body["pacticipantName"], sent.body["pacticipantVersionNumber"], sent.body["branch"])
    assert published == ("Shop", COMMIT, "main")
    (contract,) = sent.body["contracts"]
    assert b64decode(contract["content"]) == suite.file().read_bytes()


def test_a_real_broker_has_the_pact_afterwards(suite, database, monkeypatch):
    suite.tests(test_a="one")
    with app_serving(create_app(Settings(), database)) as url:
        monkeypatch.setenv("PACT_BROKER_BASE_URL", url)

        finished = suite.run("--pact-publish")

        read = requests.get(f"{url}/pacts/provider/Orders/consumer/Shop/version/{COMMIT}", timeout=10)
    assert finished.returncode == 0, finished.stdout
    assert [each["description"] for each in read.json()["interactions"]] == ["one"]


@pytest.mark.parametrize(
    "text", ["def test_it():\n    assert False\n", "import no_such_module\n", "raise KeyboardInterrupt\n"]
)
def test_nothing_is_published_when_the_run_fails(suite, hal_server, text):
    suite.tests(test_a="one")
    suite.write("test_b.py", text)

    finished = suite.run_apart("--pact-publish")

    assert finished.returncode != 0
    assert "The pacts were not published: " in finished.stdout
    assert hal_server.sent("POST") == []


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["-k", "one"], "test_a.py::test_two and 1 more did not run and pass"),
        (["test_a.py"], "test_b.py did not run and pass"),
        (["-k", "one", "--pact-replace"], "test_a.py::test_two and 1 more did not run and pass"),
        (["-k", "nothing"], "the run did not pass"),
    ],
    ids=["marked", "path", "replaced", "none"],
)
def test_a_part_of_the_tests_publishes_nothing_and_fails(suite, hal_server, options, reason):
    suite.tests(test_a="one two", test_b="three")

    finished = suite.run("--pact-publish", *options)

    assert finished.returncode != 0
    assert f"The pacts were not published: {reason}" in finished.stdout
    assert hal_server.sent("POST") == []


def test_a_test_of_the_pact_that_is_skipped_is_missed(suite, hal_server):
    suite.tests(test_a="one")
    suite.write("test_b.py", "import pytest\n\n@pytest.mark.skip\ndef test_it(orders):\n    pass\n")

    finished = suite.run("--pact-publish")

    assert finished.returncode == 1
    assert "The pacts were not published: test_b.py::test_it did not run and pass" in finished.stdout
    assert hal_server.sent("POST") == []


def test_other_tests_may_be_left_out(suite, hal_server):
    suite.tests(contract__test_a="one")
    suite.write("other/test_b.py", "import pytest\n\n@pytest.mark.skip\ndef test_it():\n    pass\n")

    assert suite.run("--pact-publish", "contract").returncode == 0
    assert suite.run("--pact-publish").returncode == 0

    assert len(hal_server.sent("POST")) == 2


@pytest.mark.usefixtures("hal_server")
def test_a_run_that_records_nothing_publishes_nothing_and_fails(suite):
    finished = suite.run("--pact-publish", test_a="def test_it():\n    pass\n")

    assert finished.returncode == 1
    assert "The pacts were not published: no test recorded one." in finished.stdout
    assert suite.run("--pact-publish", "--collect-only").returncode == 0


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            Answer({"notices": [{"type": "error", "text": "Cannot change the content."}]}, 409),
            "Cannot change",
        ),
        (Answer({}, 401), "not published: "),
        (Answer({"error": "broken"}, 500), "not published: "),
    ],
)
@pytest.mark.parametrize("option", ["-v", "--no-summary"])
def test_a_broker_that_refuses_fails_the_run(suite, hal_server, monkeypatch, answer, said, option):
    monkeypatch.setenv("PACT_BROKER_HTTP_RETRIES", "0")
    hal_server.answers("POST", "/contracts/publish", answer)
    suite.tests(test_a="one")

    finished = suite.run(option, "--pact-publish")

    assert finished.returncode == 1
    assert said in finished.stdout + finished.stderr
    assert "Traceback" not in finished.stdout + finished.stderr


def test_a_setting_of_the_environment_that_is_wrong_fails_the_run(suite, hal_server, monkeypatch):
    monkeypatch.setenv("PACT_BROKER_HTTP_RETRIES", "many")
    suite.tests(test_a="one")

    finished = suite.run("--pact-publish")

    assert finished.returncode == 1
    assert "The pacts were not published: Invalid value" in finished.stdout
    assert hal_server.asked == []


def test_a_broker_that_is_not_there_fails_the_run(suite, unused_address, monkeypatch):
    monkeypatch.setenv("PACT_BROKER_BASE_URL", f"http://{unused_address}")
    monkeypatch.setenv("PACT_BROKER_HTTP_RETRIES", "0")
    suite.tests(test_a="one")

    finished = suite.run("--pact-publish")

    assert finished.returncode == 1
    assert "The pacts were not published: " in finished.stdout
    assert suite.recorded() == ["one"]


@pytest.mark.parametrize(
    ("options", "variables", "said"),
    [
        ([], {}, "set PACT_BROKER_BASE_URL"),
        ([], {"PACT_BROKER_BASE_URL": "http://127.0.0.1:1", "CI_COMMIT_SHA": ""}, "names a commit here"),
        (["--pact-merge"], {}, "publish with `tally publish` after the last run"),
        (["--pact-merge", "--pact-replace"], {}, "contradict each other"),
    ],
)
def test_what_publishing_lacks_is_said_before_any_test(suite, monkeypatch, options, variables, said):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    suite.tests(test_a="one")

    finished = suite.run("--pact-publish", *options)

    assert finished.returncode == pytest.ExitCode.USAGE_ERROR
    assert said in finished.stderr
    assert not suite.file().exists()


def test_version_and_branch_come_from_git_where_no_ci_system_runs(suite, hal_server, monkeypatch):
    for name in ("GITLAB_CI", "CI_COMMIT_SHA", "CI_COMMIT_BRANCH"):
        monkeypatch.delenv(name)
    for command in (["init", "-q", "-b", "feat/x"], ["commit", "-q", "--allow-empty", "-m", "x"]):
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        suite.run_program("git", *identity, *command)
    suite.tests(test_a="one")

    suite.run("--pact-publish")

    (sent,) = hal_server.sent("POST")
    head = suite.run_program("git", "rev-parse", "HEAD").stdout.strip()
    assert (sent.body["pacticipantVersionNumber"], sent.body["branch"]) == (head, "feat/x")
    assert json.loads(b64decode(sent.body["contracts"][0]["content"]))["consumer"] == {"name": "Shop"}
