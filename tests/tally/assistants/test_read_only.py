"""What tools send to a broker: those that read only questions, those that write only what is confirmed."""

import contextlib
import json
from urllib.parse import urlsplit

import pytest
import requests
from support.answering_provider import Answer, answering
from support.assistant_worlds import ORDERS, World
from support.confirming import confirmed
from support.factories import a_pact, a_verification_result
from support.serving import serving

from tally.assistants.answers import ToolError
from tally.assistants.catalogue import READING, tools, why_withheld
from tally.assistants.server import resources
from tally.assistants.sources.files import Files
from tally.assistants.sources.sources import Sources
from tally.assistants.writing import WRITING
from tally.broker_client import BrokerClient

QUESTIONS = ("/for-verification", "/matrix")
"""What is asked by POST, because the question is too long for an address; nothing is stored."""
KNOWN = {
    "pacticipant": "Shop",
    "consumer": "Shop",
    "provider": "Orders",
    "service": "Orders",
    "version": "1",
    "branch": "main",
    "environment": "production",
    "place": "GET /orders/{id}",
}
EXAMPLES = {
    "why_did_it_fail": {"consumer": "Shop", "provider": "Orders"},
    "compare_pact": {"consumer": "Shop", "provider": "Orders"},
    "check_compatibility": {"service": "Orders", "old_version": "o1", "new_version": "o1"},
    "deploy_plan": {"environment": "production", "versions": {"Shop": "1"}},
    "draft_consumer_test": {
        "language": "python",
        "consumer": "Shop",
        "provider": "Orders",
        "interaction": "a request for order 1",
    },
    "verify_locally": {"provider": "Orders"},
}
"""What is answered, where it cannot be made of KNOWN."""


class Recording(requests.Session):
    """A session that remembers what was sent."""

    def __init__(self):
        super().__init__()
        self.sent = []

    def request(self, method, url, *args, **kwargs):
        self.sent.append((method, urlsplit(url).path))
        return super().request(method, url, *args, **kwargs)

    @property
    def writes(self):
        return [
            (method, path)
            for method, path in self.sent
            if method != "GET" and not (method == "POST" and path.endswith(QUESTIONS))
        ]


@pytest.fixture(scope="module")
def broker_url(tmp_path_factory):
    """A broker with a pact that its provider breaks, and the provider's service contract."""
    folder = tmp_path_factory.mktemp("broker")
    with serving(f"sqlite:///{folder}/broker.sqlite3", folder / "log", is_forked=True) as url:
        world = World(url)
        world.pact()
        world.contract(ORDERS, "o1")
        pact = requests.get(f"{url}/pacts/provider/Orders/consumer/Shop/latest", timeout=30).json()
        results = pact["_links"]["pb:publish-verification-results"]["href"]
        requests.post(results, json=a_verification_result("o1", success=False), timeout=30).raise_for_status()
        yield url


@pytest.fixture(scope="module")
def provider():
    with answering(lambda _: Answer(b"{}", headers=(("Content-Type", "application/json"),))) as found:
        yield found


@pytest.fixture
def session():
    with Recording() as found:
        yield found


def _value(name, schema, provider):
    if name.endswith("url"):
        return provider.url
    if name in KNOWN:
        return KNOWN[name]
    kind = schema["type"]
    if kind == "array":
        return [_value(name, schema["items"], provider)]
    if "enum" in schema:
        return schema["enum"][0]
    return {"string": "Shop", "integer": 1, "number": 1.0, "boolean": False, "object": {}}[kind]


def _calls(tool, provider):
    """Return arguments as assistants send them: an example, what is needed, one more each, everything."""
    properties, required = tool.schema["properties"], set(tool.schema["required"])
    values = {name: _value(name, schema, provider) for name, schema in properties.items()}
    needed = {name: values[name] for name in required}
    example = {**needed, **EXAMPLES.get(tool.name, {})}
    return [
        example,
        needed,
        *({**needed, name: values[name]} for name in values if name not in required),
        values,
    ]


def _stored(url):
    """Return what the broker lists of all that can be written."""
    hal = {"Accept": "application/hal+json"}
    paths = ("/pacticipants", "/pacticipants/Shop/versions", "/pacticipants/Shop/versions/1", "/pacts/latest")
    paths += ("/pacticipants/Orders/versions", "/webhooks", "/secrets", "/environments")
    return [requests.get(url + path, headers=hal, timeout=30).json() for path in paths]


@pytest.mark.parametrize("tool", READING, ids=lambda tool: tool.name)
def test_a_tool_that_reads_never_sends_a_write(tool, broker_url, provider, session, tmp_path):
    before = _stored(broker_url)
    (tmp_path / "pact.json").write_text(json.dumps(a_pact()))
    sources = Sources(BrokerClient(broker_url, http=session), Files((tmp_path,)), tmp_path)

    answered = []
    for arguments in _calls(tool, provider):
        with contextlib.suppress(ToolError):
            answered.append(tool.call(sources, arguments))

    assert answered != [], f"give an example of {tool.name} that is answered"
    assert session.writes == []
    assert _stored(broker_url) == before


def test_reading_resources_never_sends_a_write(broker_url, session):
    before = _stored(broker_url)
    sources = Sources(BrokerClient(broker_url, http=session))
    uris = [each.uri for each in resources.listed(sources, None).items]

    read = [resources.read(sources, uri) for uri in uris]

    assert any("Shop" in uri for uri in uris)
    assert all(contents.text for contents in read)
    assert session.sent != []
    assert session.writes == []
    assert _stored(broker_url) == before


def test_the_tools_that_read_are_really_called(broker_url, session):
    sources = Sources(BrokerClient(broker_url, http=session))
    tool = next(tool for tool in READING if tool.name == "can_i_deploy")

    assert tool.call(sources, {"pacticipant": "Shop", "version": "1", "environment": "production"})["summary"]
    assert ("GET", "/matrix") in session.sent


CONFIRMED = {
    "publish_pacts": {"version": "2", "branch": "main", "paths": ["pact.json"]},
    "publish_service_contract": {
        "service": "Orders",
        "version": "2",
        "branch": "main",
        "paths": ["openapi.json"],
    },
    "record_deployment": {"pacticipant": "Shop", "version": "1", "environment": "test"},
    "record_release": {"pacticipant": "Shop", "version": "1", "environment": "test"},
    "create_webhook": {
        "description": "a webhook",
        "url": "https://ci.example.org",
        "events": ["contract_published"],
    },
}


@pytest.mark.parametrize("tool", WRITING, ids=lambda tool: tool.name)
def test_a_tool_that_writes_does_so_only_when_it_is_confirmed(tool, broker_url, session, tmp_path):
    (tmp_path / "pact.json").write_text(
        '{"consumer": {"name": "Shop"}, "provider": {"name": "Orders"}, "interactions": []}'
    )
    (tmp_path / "openapi.json").write_text(
        '{"openapi": "3.1.0", "info": {"title": "Orders", "version": "1.50"}, "x-weight": 1.50, "paths": {}}'
    )
    sources = Sources(BrokerClient(broker_url, http=session), folder=tmp_path)
    before = _stored(broker_url)

    tool.call(sources, CONFIRMED[tool.name])
    with pytest.raises(ToolError, match="not the code of what would be written now"):
        tool.call(sources, {**CONFIRMED[tool.name], "confirm": "true"})

    assert session.sent != []
    assert session.writes == []
    assert _stored(broker_url) == before
    confirmed(tool, sources, {**CONFIRMED[tool.name], "confirm": True})
    assert {method for method, _ in session.writes} == {"POST"}


def test_over_http_no_tool_uses_the_machine_of_the_server():
    offered = {tool.name for tool in tools(may_write=True, local=False)}

    assert {"can_i_deploy", "record_deployment", "record_release", "create_webhook"} <= offered
    assert not {"verify_locally", "publish_pacts", "publish_service_contract"} & offered
    assert "only over stdio" in why_withheld("verify_locally")
    assert why_withheld("delete_pacticipant") is None
