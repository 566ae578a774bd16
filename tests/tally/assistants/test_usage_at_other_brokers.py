"""What an assistant is told where a broker has nothing, too much, or keeps less than ours does."""

import json

import pytest
from support.assistant_worlds import ORDERS, World, an_order_request
from support.factories import a_pact

from tally.assistants.answers import ToolError
from tally.assistants.compatibility.compatibility import check_compatibility
from tally.assistants.pacts.provider_states import provider_states
from tally.assistants.service_contracts.comparisons import compare_pact
from tally.assistants.sources.sources import Sources
from tally.assistants.tool import Tool
from tally.assistants.usage.usage import may_i_remove, who_uses
from tally.assistants.verification import broker_pacts
from tally.broker_client import BrokerClient

ID = "GET /orders/{id} 200 $.id"


def an_index(hal_server):
    """Let the server be a broker that knows Orders, and nothing that only ours keeps."""
    links = {
        "pacticipant": "/pacticipants/{pacticipant}",
        "environments": "/environments",
        "latest-provider-pacts": "/pacts/provider/{provider}/latest",
    }
    index = {f"pb:{name}": {"href": hal_server.url(path)} for name, path in links.items()}
    hal_server.answers("GET", "/", {"_links": index})
    hal_server.answers("GET", "/pacticipants/Orders", {"name": "Orders", "_links": {}})
    hal_server.answers("GET", "/environments", {"_links": {"pb:environments": []}})


def called(function, url, **arguments):
    return Tool(function).call(Sources(BrokerClient(url)), arguments)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (who_uses, {"service": "Orders", "place": ID}),
        (may_i_remove, {"service": "Orders", "place": ID}),
        (compare_pact, {"consumer": "Shop", "provider": "Orders"}),
        (check_compatibility, {"service": "Orders", "new": json.dumps(ORDERS)}),
        (provider_states, {"provider": "Orders"}),
    ],
)
def test_an_empty_broker_knows_no_application(world, function, arguments):
    with pytest.raises(ToolError, match="The broker knows no application"):
        called(function, world.url, **arguments)


def test_pacts_over_the_limit_are_said_to_be_left_out(world, monkeypatch):
    World(world.url).pact(an_order_request(), provider="Large", consumer="One")
    World(world.url).pact(an_order_request(), provider="Large", consumer="Two")
    monkeypatch.setattr(broker_pacts, "MOST_PACTS", 1)

    states = called(provider_states, world.url, provider="Large")
    removal = called(may_i_remove, world.url, service="Large", place="DELETE /orders/{id}")

    assert states["data"]["consumers_looked_at"] == ["One"]
    assert states["data"]["not_compared"] == [
        {"what": "a pact of Two", "why": "more than 1 pacts count for one question"}
    ]
    assert removal["data"]["may_remove"] is None


def test_a_broker_without_service_contracts_is_asked_for_its_pacts(hal_server):
    an_index(hal_server)
    pact = {"name": "Shop", "href": hal_server.url("/pact")}
    hal_server.answers("GET", "/pacts/provider/Orders/latest", {"_links": {"pb:pacts": [pact]}})
    version = {"_links": {"pb:consumer-version": {"name": "7"}}}
    hal_server.answers("GET", "/pact", a_pact(an_order_request("reads", id=7)) | version)

    used = called(who_uses, hal_server.base_url, service="Orders", place=ID)
    removal = called(may_i_remove, hal_server.base_url, service="Orders", place="DELETE /orders/{id}")

    [user] = used["data"]["users"]["items"]
    assert (user["consumer"], user["versions"]) == ("Shop", [{"number": "7", "environments": []}])
    assert removal["data"]["may_remove"] is None
    with pytest.raises(ToolError, match="give a place"):
        called(who_uses, hal_server.base_url, service="Orders")
    with pytest.raises(ToolError, match="keeps no service contracts"):
        called(check_compatibility, hal_server.base_url, service="Orders", old_version="1")


def test_a_pact_that_cannot_be_read_is_said_and_may_use_everything(hal_server):
    an_index(hal_server)
    odd, gone = ({"name": name, "href": hal_server.url(f"/{name}")} for name in ("odd", "gone"))
    hal_server.answers("GET", "/pacts/provider/Orders/latest", {"_links": {"pb:pacts": [odd, gone]}})
    hal_server.answers("GET", "/odd", {"interactions": "none"})

    used = called(who_uses, hal_server.base_url, service="Orders", place=ID)

    [user] = used["data"]["users"]["items"]
    assert (user["consumer"], user["certain"]) == ("odd", False)
    assert user["interactions"][0]["doubt"] == "the pact cannot be read"
    assert "is no pact that can be read" in used["data"]["not_compared"][0]["why"]
