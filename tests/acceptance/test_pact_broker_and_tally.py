"""The same pipeline with `pact broker` and with `tally`: what the brokers have afterwards is the same."""

import json
import os
import re
import shlex
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests
from support.factories import a_pact, an_interaction
from support.serving import serving

from tally.cli import main as tally

pytestmark = pytest.mark.slow
PACT = Path(sys.executable).with_name("pact")
SETTINGS = {
    "TALLY_WEBHOOK_HOST_WHITELIST": "127.0.0.0/8",
    "TALLY_WEBHOOK_SCHEME_WHITELIST": "http",
}
HOOK = "http://127.0.0.1:1/build"
CHOSEN = "7daf2d3c-7a1e-4c0a-a1a9-4d9ad2a56c68"
CONTACT = "--contact-name Ann --contact-email-address ann@example.org"
REQUEST = "-X POST -H 'A: b' 'C: d' -d '{\"a\":[1]}' --user u:p --description build"
WHEN = "--consumer Shop --provider-label l --contract-content-changed --provider-verification-published"
FLOW = [
    "publish pacts --consumer-app-version 1 --branch main --tag dev,rc",
    "publish pacts -a 2 --branch feat/x --build-url https://ci.example.org/2",
    "create-or-update-pacticipant --name Shop --display-name Boutique --repository-url https://x.example.org",
    "create-or-update-pacticipant --name Stock --main-branch trunk",
    "create-or-update-version -a Stock -e 1 --branch trunk -t new",
    "create-or-update-version --pacticipant Stock --version 2",
    "create-version-tag -a Shop -e 2 -t a b",
    "create-version-tag -a Shop -e 3 --tag c --auto-create-version",
    "delete-version-tag -a Shop -e 2 -t b",
    "delete-version-tag -a Shop -e 2 -t never-there",
    "delete-branch -a Shop --branch feat/x",
    "delete-branch --pacticipant Shop --branch never-there --error-when-not-found false",
    f"create-environment --name uat --display-name UAT {CONTACT}",
    "update-environment --uuid {uat} --name uat --display-name Acceptance --production --contact-name Bob",
    "create-environment --name gone -o id",
    "delete-environment --uuid {gone}",
    "record-deployment -a Shop -e 1 --environment uat --application-instance blue",
    "record-release -a Shop -e 2 --environment test",
    f"create-webhook {HOOK} {REQUEST} {WHEN}",
    f"create-or-update-webhook {HOOK} -X POST --contract-published --uuid {CHOSEN}",
    f"create-or-update-webhook {HOOK}/2 -X POST --data 'a text' --contract-published --uuid {CHOSEN}",
    f"create-or-update-webhook {HOOK} -X POST --contract-published --uuid {CHOSEN}-2",
    f"delete-webhook --uuid {CHOSEN}-2",
]
PRINTED = [
    ("list-latest-pact-versions -o json", "pacts"),
    ("list-environments -o json", "_embedded"),
    ("list-pacticipants -o json", "_embedded"),
    ("describe-pacticipant --name Shop -o json", None),
    ("describe-version -a Shop -e 1 -o json", None),
    ("describe-version -a Shop -l c -o json", None),
    ("describe-version -a Shop --environment uat -o json", None),
    ("describe-environment --uuid {uat} -o json", None),
    ("get-pacts --provider Orders --latest -o json", None),
    ("provider-states list -r Orders --json", "providerStates"),
]
KNOWN = (
    "/pacticipants",
    "/pacticipants/Shop/versions",
    "/pacticipants/Stock/versions",
    "/environments",
    "/webhooks",
    f"/webhooks/{CHOSEN}",
    "/pacts/latest",
    "/dashboard",
)


@pytest.fixture
def brokers(tmp_path):
    """The base URLs of two new brokers."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                serving(f"sqlite:///{tmp_path}/{name}.db", tmp_path / f"{name}.log", environment=SETTINGS)
            )
            for name in ("theirs", "ours")
        ]


@pytest.fixture
def their_way(tmp_path):
    """Run a line with `pact broker`; returns what it printed."""

    def run(url, line):
        done = subprocess.run(
            [PACT, "broker", *words(url, line)],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            timeout=60,
            env={**os.environ, "PACT_BROKER_BASE_URL": url, "PACT_DO_NOT_TRACK": "true"},
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout

    return run


@pytest.fixture
def our_way(tmp_path, capsys, monkeypatch):
    """Run a line with `tally`, in this process because it is quicker; returns what it printed."""

    def run(url, line):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("PACT_BROKER_BASE_URL", url)
        with pytest.raises(SystemExit) as ended:
            tally(words(url, line))
        printed = capsys.readouterr()
        assert ended.value.code == 0, f"{line}\n{printed.out}{printed.err}"
        return printed.out

    return run


def words(url, line):
    """Return the words of a line, with the uuids of environments in place of their names."""
    known = identifiers(url) if "--uuid {" in line else {}
    return shlex.split(line.format(**known) if known else line)


def identifiers(url):
    """Return the uuid of each environment by its name."""
    found = requests.get(f"{url}/environments", timeout=10).json()["_embedded"]["environments"]
    return {environment["name"]: environment["uuid"] for environment in found}


def scrubbed(document, url):
    """Return a document without what no two brokers have in common."""
    text = json.dumps(document, sort_keys=True).replace(url, "http://broker")
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.+Z-]+", "TIME", text)
    text = text.replace(', "updatedAt": "TIME"', "")  # shown only where a second has gone by
    text = re.sub(r"(?<=webhooks/)(?!7daf)[\w-]{22}", "UUID", text)
    return json.loads(re.sub(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b(?!-2)", "UUID", text))


def everything(url):
    return {path: scrubbed(requests.get(url + path, timeout=10).json(), url) for path in KNOWN}


def test_a_pipeline_changes_one_word(brokers, their_way, our_way, tmp_path):
    ways = dict(zip((their_way, our_way), brokers, strict=True))
    (tmp_path / "pacts").mkdir()
    pact = a_pact(an_interaction(providerStates=[{"name": "an order exists"}]))
    (tmp_path / "pacts" / "pact.json").write_text(json.dumps(pact))

    for way, url in ways.items():
        for line in FLOW:
            way(url, line)

    theirs, ours = map(everything, brokers)
    assert ours == theirs
    for line, part in PRINTED:
        printed = [(url, json.loads(way(url, line))) for way, url in ways.items()]
        one, other = (scrubbed(found if part is None else found[part], url) for url, found in printed)
        assert other == one, line
