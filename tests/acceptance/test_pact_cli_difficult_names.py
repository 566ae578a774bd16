"""The unmodified `pact broker` command line, with names that have to be escaped everywhere."""

import json

import pytest
import requests
from support.difficult_names import Names
from support.difficult_world import path
from support.factories import a_pact, a_verification_result

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PUNCTUATION = Names(
    consumer="a/b c",
    provider="100%",
    version="1 %2F+é",
    branch="feat/x y#1",
    tag="t?a=b&c",
    label="-",
    shown="Live: <b>\"it\"</b> & 'this'",
    instance="blue/1 é",
)
SCRIPTS = Names(
    consumer="größe 注文",
    provider="a+b;c",
    version="v?1",
    branch="wip {x}",
    tag="%2F",
    label="-",
    shown="עברית",
    instance="👩‍👩‍👧",
)
PERCENT = Names(
    consumer="%DATE%",
    provider="%2F%ff",
    version="100%25",
    branch="a%20b/%zz",
    tag="%25",
    label="-",
    shown="%41",
    instance="%00",
)


@pytest.fixture(params=[PUNCTUATION, SCRIPTS, PERCENT], ids=["punctuation", "scripts", "percent"])
def names(request):
    return request.param


@pytest.fixture
def published(pact, live_broker, names, tmp_path):
    """A pact of the version, which the version of the provider with the same number has verified."""
    (tmp_path / "pact.json").write_text(json.dumps(a_pact(consumer=names.consumer, provider=names.provider)))
    version = ("--version", names.version, "--branch", names.branch, "--tag", names.tag)
    for name in (names.consumer, names.provider):
        pact("create-or-update-pacticipant", "--name", name, "--display-name", names.shown)
    pact("publish", "pact.json", "--consumer-app-version", *version[1:])
    pact("create-or-update-version", "--pacticipant", names.provider, *version)
    pair = ("pacts", "provider", names.provider, "consumer", names.consumer)
    links = requests.get(live_broker + path(*pair, "latest"), timeout=10).json()["_links"]
    result = a_verification_result(names.version)
    requests.post(
        links["pb:publish-verification-results"]["href"], json=result, timeout=10
    ).raise_for_status()


def read(broker, *parts):
    return requests.get(broker + path(*parts), timeout=10).json()


@pytest.mark.usefixtures("published")
def test_what_is_published_under_difficult_names_is_found_and_tagged(pact, live_broker, names):
    version = ("--pacticipant", names.consumer, "--version", names.version)

    pact("create-version-tag", *version, "--tag", f"{names.tag}2")

    described = pact("describe-version", *version)
    assert f"{names.tag}, {names.tag}2" in described
    assert pact("describe-version", "--pacticipant", names.consumer, "--latest", names.tag) == described
    assert names.shown in pact("describe-pacticipant", "--name", names.consumer)
    assert names.version in pact(
        "get-pacts", "--provider", names.provider, "--branch", names.branch, "--latest"
    )
    assert "an order exists" in pact(
        "provider-states", "list", "--provider", names.provider, "--branch", names.branch
    )
    stored = read(live_broker, "pacticipants", names.consumer, "versions", names.version)
    assert stored["number"] == names.version
    assert [branch["name"] for branch in stored["_embedded"]["branches"]] == [names.branch]


@pytest.mark.usefixtures("published")
def test_what_has_difficult_names_is_deployed_and_decided_on(pact, live_broker, names):
    provider = ("--pacticipant", names.provider, "--environment", "production")
    version = ("--version", names.version)
    instance = ("--application-instance", names.instance)
    pact("record-deployment", *provider, *version, *instance)
    pact("record-release", *provider, *version)

    decided = pact(
        "can-i-deploy", "--pacticipant", names.consumer, *version, "--to-environment", "production"
    )

    assert "Computer says yes" in decided
    versions = read(live_broker, "pacticipants", names.provider, "versions", names.version)["_links"]
    deployed = requests.get(versions["pb:deployed-environments"][0]["href"], timeout=10).json()
    assert deployed["applicationInstance"] == names.instance
    pact("record-undeployment", *provider, *instance)
    pact("record-support-ended", *provider, *version)
    ended = read(live_broker, "pacticipants", names.provider, "versions", names.version)["_links"]
    assert [link["currently_deployed"] for link in ended["pb:deployed-environments"]] == [False]
    assert [link["currently_supported"] for link in ended["pb:released-environments"]] == [False]


@pytest.mark.usefixtures("published")
def test_what_has_difficult_names_is_removed(pact, live_broker, names):
    version = ("--pacticipant", names.consumer, "--version", names.version)

    pact("delete-version-tag", *version, "--tag", names.tag)
    pact("delete-branch", "--pacticipant", names.consumer, "--branch", names.branch)

    left = read(live_broker, "pacticipants", names.consumer, "versions", names.version)["_embedded"]
    assert (left["tags"], left["branches"]) == ([], [])
