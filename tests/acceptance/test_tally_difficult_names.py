"""The `tally` command with names that look percent-encoded, at a real server behind a path."""

import json
from urllib.parse import quote

import pytest
import requests
from support.difficult_names import Names
from support.factories import a_pact, an_interaction
from support.path_proxy import behind_a_path
from support.receivers import receiving, wait_until
from support.serving import serving

from tally.cli import main

pytestmark = pytest.mark.slow
SETTINGS = {"TALLY_WEBHOOK_HOST_WHITELIST": "127.0.0.0/8", "TALLY_WEBHOOK_SCHEME_WHITELIST": "http"}
NAMES = Names(
    consumer="%DATE%",
    provider="%2F%ff",
    version="100%25",
    branch="a%20b/%zz",
    tag="%25",
    label="-",
    shown="%41",
    instance="%00",
)
TEMPLATE = (
    "/${pactbroker.consumerName}/${pactbroker.consumerVersionNumber}?b=${pactbroker.consumerVersionBranch}"
)
PACT_URL = "${pactbroker.pactUrl}"


@pytest.fixture
def broker(database_url, tmp_path):
    """The address of a broker behind a path, which sends its webhooks to this machine."""
    log = tmp_path / "tally-serve.log"
    with (
        serving(database_url, log, environment=SETTINGS, is_forked=True) as url,
        behind_a_path(url) as proxied,
    ):
        yield proxied


@pytest.fixture
def tally(broker, monkeypatch, capsys, tmp_path):
    """Run a line with the command at the broker; returns what it printed."""
    monkeypatch.setenv("PACT_BROKER_BASE_URL", broker)
    monkeypatch.chdir(tmp_path)

    def run(line):
        with pytest.raises(SystemExit) as ended:
            main(line.split())
        printed = capsys.readouterr()
        assert ended.value.code == 0, printed.out + printed.err
        return printed.out

    return run


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_names_that_look_percent_encoded_stay_what_they_are(tally, tmp_path):
    names, shop, orders = NAMES, f"-a {NAMES.consumer} -e {NAMES.version}", f"-a {NAMES.provider} -e 1%30"
    interaction = an_interaction(providerStates=[{"name": "%20"}])
    pact = a_pact(interaction, consumer=names.consumer, provider=names.provider)
    (tmp_path / "pact.json").write_text(json.dumps(pact))

    with receiving() as receiver:
        tally(f"create-webhook {receiver.url}{TEMPLATE} -X POST -d {PACT_URL} --contract-published")
        tally(f"publish pact.json -a {names.version} --branch {names.branch} --tag {names.tag}")
        (sent,) = wait_until(lambda: list(receiver.received))
    tally(f"create-version-tag {shop} --tag {names.shown}")
    tally(f"create-or-update-version {orders} --branch {names.branch}")
    tally(f"record-deployment {orders} --environment production --application-instance {names.instance}")
    described = tally(f"describe-version {shop}")
    pacts = tally(f"get-pacts --provider {names.provider} --branch {names.branch}")
    states = tally(f"provider-states list --provider {names.provider} --branch {names.branch}")
    decided = tally(f"can-i-deploy {shop} --to-environment production --dry-run")
    tally(f"delete-version-tag {shop} --tag {names.tag}")
    tally(f"delete-branch -a {names.consumer} --branch {names.branch}")

    parts = [quote(name, safe="") for name in (names.consumer, names.version, names.branch)]
    assert sent.path == "/{}/{}?b={}".format(*parts)
    assert requests.get(sent.body.decode(), timeout=10).json()["consumer"]["name"] == names.consumer
    assert all(name in described for name in (names.version, names.branch, names.tag, names.shown))
    assert names.version in pacts
    assert "%20" in states
    assert "1%30" in decided
    left = json.loads(tally(f"describe-version {shop} --output json"))["_embedded"]
    assert ([tag["name"] for tag in left["tags"]], left["branches"]) == ([names.shown], [])
