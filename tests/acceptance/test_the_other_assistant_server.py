"""SmartBear's server for coding assistants, made for the Pact Broker, works with Tallystick.

Each tool of its Pact Broker mode is called; the test fails when a release offers one that is not.
"""

import pytest
import requests
from support.assistants import RefusedError
from support.factories import a_pact, a_publication, a_verification_result
from support.npm_packages import NoRegistryError, installed
from support.other_assistant_server import other_server
from support.receivers import answering, receiving, wait_until
from support.serving import serving

CREDENTIALS = ("robot", "p:ss wörd")
SETTINGS = {
    "TALLY_BASIC_AUTH_USERNAME": CREDENTIALS[0],
    "TALLY_BASIC_AUTH_PASSWORD": CREDENTIALS[1],
    "TALLY_WEBHOOK_HOST_WHITELIST": "127.0.0.0/8",
    "TALLY_WEBHOOK_SCHEME_WHITELIST": "http",
}
SHOP = "Shop & Söhne/EU"
"""A name that every address and every query has to escape."""


@pytest.fixture
def node_modules():
    try:
        return installed()
    except NoRegistryError as error:
        return pytest.skip(f"npm reaches no registry from which it can install @smartbear/mcp: {error}")


@pytest.fixture
def server(node_modules, database_url, tmp_path):
    with (
        serving(database_url, tmp_path / "log", environment=SETTINGS, is_forked=True) as broker,
        other_server(node_modules, broker, CREDENTIALS) as found,
    ):
        yield found


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_tool_does_what_it_says(server):
    applications(server)
    production = environments(server)
    contracts(server)
    decisions(server, production)
    versions(server)
    deployments(server, production)
    overviews(server)
    webhooks(server)
    deletions(server, production)

    assert server.called == server.offered()


def applications(server):
    created = server.call("create_pacticipant", name="Orders", mainBranch="main", displayName="Orders!")
    assert (created["name"], created["mainBranch"]) == ("Orders", "main")
    patched = server.call(
        "patch_pacticipant", pacticipantName="Orders", repositoryUrl="https://git.example/o"
    )
    assert (patched["mainBranch"], patched["repositoryUrl"]) == ("main", "https://git.example/o")
    replaced = server.call("update_pacticipant", pacticipantName="Orders", mainBranch="trunk")
    assert (replaced["mainBranch"], replaced.get("repositoryUrl")) == ("trunk", None)
    assert server.call("get_pacticipant", pacticipantName="Orders")["mainBranch"] == "trunk"

    label = {"pacticipantName": "Orders", "labelName": "team: a/b"}
    assert server.call("add_label_to_pacticipant", **label)["name"] == "team: a/b"
    assert server.call("get_pacticipant_label", **label)["name"] == "team: a/b"
    assert [found["name"] for found in embedded(server.call("list_labels"), "labels")] == ["team: a/b"]
    labelled = server.call("list_pacticipants_by_label", labelName="team: a/b")
    assert [found["name"] for found in embedded(labelled, "pacticipants")] == ["Orders"]
    server.call_for_nothing("remove_label_from_pacticipant", **label)
    with pytest.raises(RefusedError, match="404"):
        server.call("get_pacticipant_label", **label)


def environments(server):
    """Return the uuid of the environment that stays."""
    created = server.call("create_environment", name="live", production=True, displayName="Live")
    assert (created["name"], created["production"]) == ("live", True)
    chosen = {"environmentId": created["uuid"]}
    changed = server.call("update_environment", **chosen, name="live", production=True, displayName="All")
    assert changed["displayName"] == "All"
    assert server.call("get_environment", **chosen)["displayName"] == "All"
    listed = server.call("list_environments", pageSize=50)
    assert "live" in [found["name"] for found in embedded(listed, "environments")]
    with pytest.raises(RefusedError, match="'live' is already used by another environment"):
        server.call("create_environment", name="live", production=True)
    return created["uuid"]


def contracts(server):
    published = server.call(
        "publish_consumer_contracts",
        **a_publication(a_pact(consumer=SHOP), version="1+a", tags=["dev"], buildUrl="https://ci.example/1"),
    )
    assert f"Pact of {SHOP} 1+a with Orders: published" in [notice["text"] for notice in published["notices"]]
    found = server.call("get_provider_states", provider="Orders")["providerStates"]
    assert found == [{"name": "an order exists", "params": {"id": 1}, "consumers": [SHOP]}]

    answer = server.call(
        "get_pacts_for_verification",
        providerName="Orders",
        consumerVersionSelectors=[{"branch": "main"}, {"deployedOrReleased": True}],
        providerVersionBranch="trunk",
        includePendingStatus=True,
    )
    [pact] = embedded(answer, "pacts")
    assert pact["verificationProperties"]["pending"] is True
    # The server has no tool for results; a verifier has published one.
    auth = tuple(text.encode() for text in CREDENTIALS)
    document = requests.get(pact["_links"]["self"]["href"], auth=auth, timeout=10).json()
    requests.post(
        document["_links"]["pb:publish-verification-results"]["href"],
        json=a_verification_result("7"),
        auth=auth,
        timeout=10,
    ).raise_for_status()


def decisions(server, production):
    deployed = {"pacticipantName": "Orders", "versionNumber": "7", "environmentId": production}
    question = {"pacticipant": SHOP, "version": "1+a", "environment": "live"}
    assert server.call("can_i_deploy", **question)["summary"]["deployable"] is None
    server.call("record_deployment", **deployed)
    assert server.call("can_i_deploy", **question)["summary"]["deployable"] is True

    shop = {"pacticipant": SHOP, "version": "1+a"}
    for q in (
        [shop],
        [shop, {"pacticipant": "Orders", "environment": "live"}],
        [{"pacticipant": SHOP, "branch": "main", "latest": True}, {"pacticipant": "Orders", "latest": True}],
        [{"pacticipant": SHOP, "tag": "dev", "mainBranch": False}],
    ):
        [row] = server.call("matrix", q=q, latestby="cvpv", limit=10)["matrix"]
        assert (row["consumer"]["name"], row["provider"]["version"]["number"]) == (SHOP, "7")
        assert row["verificationResult"]["success"] is True
    both = [{"pacticipant": SHOP, "mainBranch": True}, {"pacticipant": "Orders", "version": "8"}]
    no = server.call("matrix", q=both)["summary"]
    assert no["reason"] == "No pacts or verification results are published for version 8 of Orders"
    assert (no["deployable"], no["unknown"]) == (False, 1)
    with pytest.raises(RefusedError, match="Choose one of version and latest"):  # as in the Pact Broker
        server.call("matrix", q=[{**shop, "latest": True}])
    with pytest.raises(RefusedError, match=r"'Ordrs' does not exist \(did you mean 'Orders'\?\)"):
        server.call("matrix", q=[shop, {"pacticipant": "Ordrs"}])


def versions(server):
    version = {"pacticipantName": SHOP, "versionNumber": "1+a"}
    assert server.call("get_pacticipant_version", **version)["buildUrl"] == "https://ci.example/1"
    changed = server.call("update_pacticipant_version", **version, buildUrl="https://ci.example/2")
    assert changed["buildUrl"] == "https://ci.example/2"
    assert server.call("get_latest_pacticipant_version", pacticipantName=SHOP)["number"] == "1+a"
    assert server.call("get_latest_pacticipant_version", pacticipantName=SHOP, tag="dev")["number"] == "1+a"
    for tool, more in (("list_pacticipant_versions", {}), ("get_branch_versions", {"branchName": "main"})):
        [found] = embedded(server.call(tool, pacticipantName=SHOP, **more), "versions")
        assert found["number"] == "1+a"
    assert server.call("get_branch", pacticipantName=SHOP, branchName="main")["name"] == "main"
    for q, names in (("mai", ["main"]), ("other", [])):
        listed = server.call("list_branches", pacticipantName=SHOP, q=q, pageNumber=1, pageSize=5)
        assert [branch["name"] for branch in embedded(listed, "branches")] == names
    listed = server.call("list_pacticipants", pageNumber=2, pageSize=1)
    assert [found["name"] for found in embedded(listed, "pacticipants")] == [SHOP]


def deployments(server, production):
    shop = {"pacticipantName": SHOP, "versionNumber": "1+a", "environmentId": production}
    deployed = server.call("record_deployment", **shop, applicationInstance="blue")
    assert (deployed["currentlyDeployed"], deployed["applicationInstance"]) == (True, "blue")
    released = server.call("record_release", **shop)
    assert released["currentlySupported"] is True
    found = embedded(server.call("get_deployed_versions_for_version", **shop), "deployedVersions")
    assert [record["uuid"] for record in found] == [deployed["uuid"]]
    found = embedded(server.call("get_released_versions_for_version", **shop), "releasedVersions")
    assert [record["uuid"] for record in found] == [released["uuid"]]
    found = embedded(
        server.call("get_currently_deployed_versions", environmentId=production), "deployedVersions"
    )
    assert {record["_embedded"]["pacticipant"]["name"] for record in found} == {SHOP, "Orders"}
    found = embedded(
        server.call("get_currently_supported_versions", environmentId=production), "releasedVersions"
    )
    assert [record["uuid"] for record in found] == [released["uuid"]]


def overviews(server):
    for listed in (
        server.call("list_integrations"),
        server.call("get_pacticipant_network", pacticipantName=SHOP),
    ):
        [integration] = embedded(listed, "integrations")
        assert (integration["consumer"]["name"], integration["provider"]["name"]) == (SHOP, "Orders")
        assert listed["pagination"]["totalItems"] == 1
    metrics = server.call("get_metrics")
    assert (metrics["integrations"]["count"], metrics["verificationResults"]["successCount"]) == (1, 1)


def webhooks(server):
    with receiving(answering(200)) as receiver:
        request = {"method": "POST", "url": receiver.url, "body": {"number": 1}}
        request["headers"] = {"Content-Type": "application/json"}
        events = [{"name": "contract_content_changed"}]
        created = server.call(
            "create_webhook",
            description="tell CI",
            events=events,
            request=request,
            consumer={"name": SHOP},
            provider={"name": "Orders"},
        )
        hook = {"webhookId": created["uuid"]}
        changed = server.call(
            "update_webhook", **hook, description="tell all", events=events, request=request, consumer=None
        )
        assert (changed["description"], changed.get("consumer")) == ("tell all", None)
        assert server.call("get_webhook", **hook)["request"]["body"] == {"number": 1}
        listed = server.call("list_webhooks")["_links"]["pb:webhooks"]
        assert [found["name"] for found in listed] == ["tell all"]

        assert server.call("execute_webhook", **hook)["response"]["status"] == 200
        assert [received.json for received in receiver.received] == [{"number": 1}]
        # It sends no webhook to execute, which the Pact Broker refuses as well.
        with pytest.raises(RefusedError, match=r'"request":.*"is missing"'):
            server.call("test_execute_webhooks")
        assert len(receiver.received) == 1
    server.call_for_nothing("delete_webhook", **hook)
    with pytest.raises(RefusedError, match="404"):
        server.call("get_webhook", **hook)


def deletions(server, production):
    branch = {"pacticipantName": SHOP, "branchName": "main"}
    server.call_for_nothing("delete_branch", **branch)
    with pytest.raises(RefusedError, match="404"):
        server.call("get_branch", **branch)
    with pytest.raises(RefusedError, match=r"403.*TALLY_ALLOW_DELETING_ALL_INTEGRATIONS"):
        server.call("delete_all_integrations")
    server.call_for_nothing("delete_integration", providerName="Orders", consumerName=SHOP)
    # A slow count is kept for some seconds.
    wait_until(lambda: server.call("get_metrics")["integrations"]["count"] == 0)
    server.call_for_nothing("delete_environment", environmentId=production)
    with pytest.raises(RefusedError, match="404"):
        server.call("get_environment", environmentId=production)
    server.call("create_pacticipant", name="Short-lived")
    server.call_for_nothing("delete_pacticipant", pacticipantName="Short-lived")
    with pytest.raises(RefusedError, match="404"):
        server.call("get_pacticipant", pacticipantName="Short-lived")


def embedded(document, name):
    return document["_embedded"][name]
