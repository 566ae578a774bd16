"""A broker that tools write to, and the project in which the server was started."""

import pytest
import requests
from support.confirming import confirmed
from support.factories import a_pact, a_publication
from support.hal_server import hal_server_running
from support.serving import serving

from tally.assistants.sources.files import Files
from tally.assistants.sources.sources import Sources
from tally.assistants.writing import WRITING
from tally.broker_client import BrokerClient


@pytest.fixture(scope="module")
def lax_broker(tmp_path_factory):
    folder = tmp_path_factory.mktemp("broker")
    # The broker itself lets pacts be overwritten: only the tools refuse it.
    lax = {"TALLY_ALLOW_DANGEROUS_CONTRACT_MODIFICATION": "true"}
    database = f"sqlite:///{folder}/broker.sqlite3"
    with serving(database, folder / "log", environment=lax, is_forked=True) as url:
        publication = a_publication(a_pact(), version="1")
        requests.post(f"{url}/contracts/publish", json=publication, timeout=30).raise_for_status()
        yield url


@pytest.fixture
def project(tmp_path):
    """The folder of a project, in which the server was started."""
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def call(lax_broker, project):
    """Call a tool that writes, in this process, which an editor started in the project."""

    def ask(name, /, files=None, **arguments):
        [tool] = [each for each in WRITING if each.name == name]
        return confirmed(tool, Sources(BrokerClient(lax_broker), files or Files(), project), arguments)

    return ask


@pytest.fixture
def at(lax_broker):
    """Fetch something of the broker; None where there is nothing."""

    def get(path):
        answer = requests.get(lax_broker + path, headers={"Accept": "application/hal+json"}, timeout=30)
        return answer.json() if answer.ok else None

    return get


@pytest.fixture
def pact_broker():
    """A Pact Broker, which has no service contracts and no secrets."""
    with hal_server_running() as server:
        links = {
            name: {"href": server.url(path)}
            for name, path in (
                ("pb:webhooks", "/webhooks"),
                ("pb:pacticipants", "/pacticipants"),
                ("pb:pacticipant", "/pacticipants/{pacticipant}"),
            )
        }
        server.answers("GET", "/", {"_links": links})
        server.answers("GET", "/webhooks", {"_links": {}})
        server.answers("GET", "/pacticipants", {"_embedded": {"pacticipants": [{"name": "Orders"}]}})
        server.answers("GET", "/pacticipants/Orders", {"name": "Orders"})
        created = {"_links": {"self": {"href": server.url("/webhooks/u1")}}}
        server.answers("POST", "/webhooks", created)
        yield server


def _at_pact_broker(server, name, **arguments):
    [tool] = [each for each in WRITING if each.name == name]
    return tool.call(Sources(BrokerClient(server.base_url)), arguments)


@pytest.fixture
def call_at_pact_broker(pact_broker, project):
    """Call a tool that writes, for that broker."""

    def ask(name, /, **arguments):
        [tool] = [each for each in WRITING if each.name == name]
        return confirmed(tool, Sources(BrokerClient(pact_broker.base_url), folder=project), arguments)

    return ask
