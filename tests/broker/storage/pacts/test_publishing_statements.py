"""What publishing costs the database: few statements, however many contracts there are."""

import pytest
from support.factories import a_pact, a_publication, an_interaction
from support.sql_statements import sql_statements

from broker.app import create_app
from broker.settings.settings import Settings

AT_MOST = 23
"""Two of them renew how the integrations stand, one notes what to count, and one is for a new consumer."""
SITUATIONS = ("new", "again", "merged", "overwritten")


@pytest.fixture
def client(database):
    return create_app(Settings(allow_dangerous_contract_modification=True), database).test_client()


def publication(contracts, description="a", *, merge=False):
    pacts = [a_pact(an_interaction(description), provider=f"Provider {n}") for n in range(contracts)]
    body = a_publication(*pacts, tags=["dev", "test"], buildUrl="https://ci.example.org/1")
    for contract in body["contracts"]:
        contract["onConflict"] = "merge" if merge else "overwrite"
    return body


def cost(client, body):
    with sql_statements() as seen:
        answer = client.post("/contracts/publish", json=body)
    assert answer.status_code == 200
    return seen


@pytest.mark.parametrize("situation", SITUATIONS)
def test_fifty_contracts_cost_as_many_statements_as_one(client, situation):
    counts = []
    for contracts in (1, 50):
        if situation != "new":
            cost(client, publication(contracts))
        body = {
            "new": publication(contracts),
            "again": publication(contracts),
            "merged": publication(contracts, "b", merge=True),
            "overwritten": publication(contracts, "b"),
        }[situation]
        body = {**body, "pacticipantVersionNumber": str(contracts)} if situation == "new" else body
        seen = cost(client, body)
        counts.append(len(seen))
        assert len(seen) <= AT_MOST, "\n\n".join(seen)
        client.delete("/pacticipants/Shop")

    assert counts[0] == counts[1]


def test_one_pact_costs_no_more(client):
    with sql_statements() as seen:
        answer = client.put("/pacts/provider/Orders/consumer/Shop/version/1", json=a_pact())

    assert answer.status_code == 201
    assert len(seen) <= AT_MOST, "\n\n".join(seen)


EVENTS = ("contract_published", "contract_requiring_verification_published", "contract_content_changed")


def a_webhook():
    body = {"version": "${pactbroker.currentlyDeployedProviderVersionNumber}"}
    events = [{"name": name} for name in EVENTS]
    return {"events": events, "request": {"url": "https://ci.example.org", "body": body}}


def deploy_everywhere(client, provider):
    client.put(f"/pacticipants/{provider}/labels/team-a", json={})
    client.put(f"/pacticipants/{provider}/branches/main/versions/1", json={})
    version = client.get(f"/pacticipants/{provider}/versions/1").json
    for link in version["_links"]["pb:record-deployment"]:
        assert client.post(link["href"], json={}).status_code == 201


def test_webhooks_cost_as_many_statements_whatever_fires(client):
    for number in range(50):
        deploy_everywhere(client, f"Provider {number}")
    costs = []

    for webhooks in (1, 9):
        for _ in range(webhooks):
            assert client.post("/webhooks", json=a_webhook()).status_code == 201
        for contracts in (1, 50):
            body = {**publication(contracts), "pacticipantVersionNumber": f"{webhooks}/{contracts}"}
            costs.append(cost(client, body))
    listed = client.get("/pacts/provider/Provider 49/consumer/Shop/version/9%2F50/triggered-webhooks").json

    assert len(listed["_embedded"]["triggeredWebhooks"]) == 10 * 2, "published, and required by one version"
    assert max(map(len, costs)) <= AT_MOST, "\n\n".join(max(costs, key=len))
    first, second, *others = map(len, costs)
    assert len(set(others)) == 1, "the first creates the consumer, and the first two have new contents"
    assert first >= second >= others[0]
