"""Forms of applications, environments and policies, and the questions before something is deleted."""

import pytest
from support.contract_documents import an_openapi
from support.factories import a_pact
from support.filling_forms import Person
from support.sql_statements import sql_statements


@pytest.fixture
def person(broker):
    return Person(broker)


def test_an_application_is_changed_with_its_labels(person, broker, publish):
    publish()
    broker.put("/pacticipants/Shop/labels/old", json={})
    broker.put("/pacticipants/Shop/labels/team%3Aa", json={})
    person.visit("/pacticipants/Shop/edit")

    wrong = person.send(mainBranch="a b", labels="x" * 256, repositoryUrl="u" * 2049)
    wrong_branch = person.send(labels="team:a\nnew")
    page = person.send(
        displayName="The shop", mainBranch="trunk", repositoryUrl="https://git.example.org/shop"
    )

    assert (wrong.status, "cannot be longer than 255 characters" in wrong.text) == (400, True)
    assert "cannot contain spaces" in wrong_branch.text
    assert "cannot be longer than 2048 characters" in wrong_branch.text
    assert "The application Shop was changed." in page.text
    shop = broker.get("/pacticipants/Shop").json
    assert (shop["displayName"], shop["mainBranch"]) == ("The shop", "trunk")
    assert {label["name"] for label in shop["_embedded"]["labels"]} == {"team:a", "new"}


def test_an_environment_is_created_and_changed(person, broker):
    person.visit("/environments/new")

    wrong = person.send(name="not one word", production="on")
    created = person.send(
        **{
            "name": "prod",
            "displayName": "Production",
            "contact-name": ["Team", "", ""],
            "contact-details": ["emailAddress: team@example.org\nnumber: 5", "", ""],
        }
    )
    [environment] = broker.get("/environments?name=prod").json["_embedded"]["environments"]

    assert "cannot contain spaces" in wrong.text
    assert "The environment prod was created." in created.text
    assert environment["production"] is True
    assert environment["contacts"] == [
        {"name": "Team", "details": {"emailAddress": "team@example.org", "number": "5"}}
    ]
    contacts = [{"name": "Team", "details": {"n": 5, "deep": {"a": [1]}}}]
    broker.put(f"/environments/{environment['uuid']}", json={**environment, "contacts": contacts})
    person.visit(f"/environments/{environment['uuid']}/edit")
    assert "was changed" in person.send(name="prod-2", production=None).text
    changed = broker.get(f"/environments/{environment['uuid']}").json
    assert (changed["name"], changed["production"], changed["contacts"]) == ("prod-2", False, contacts)


def test_a_contact_without_a_name_is_refused_beside_the_contacts(person):
    person.visit("/environments/new")

    page = person.send(**{"name": "prod", "contact-details": ["a: b", ""]})

    assert (page.status, "name is missing (at index 0)" in page.text) == (400, True)


def test_a_policy_is_set_and_taken_back(person, broker):
    broker.post("/pacticipants", json={"name": "Orders"})
    person.visit("/pacticipants/Orders/service-contract-policy/edit")

    wrong = person.send(mode="sideways")
    page = person.send(
        **{
            "mode": "full",
            "lenient": "on",
            "document": ["events"],
            "document-mode": ["none"],
            "evidence": "promise",
        }
    )
    policy = broker.get("/pacticipants/Orders/service-contract-policy").json

    assert "must be one of" in wrong.text
    assert "The policy of Orders was set." in page.text
    assert (policy["mode"], policy["lenient"], policy["evidence"]) == ("full", True, "promise")
    assert policy["documents"] == [{"name": "events", "mode": "none", "lenient": False}]
    person.visit("/pacticipants/Orders/service-contract-policy/edit")
    assert "The defaults hold again" in person.send(0, "Let the defaults hold").text


@pytest.fixture
def full(broker, publish, verify):
    """Return the addresses of what may be deleted, with what goes with each and what is to be typed."""
    published = publish(a_pact(), version="1", branch="main")
    verify(published, "7", branch="main")
    contract = {"pacticipantName": "Orders", "pacticipantVersionNumber": "7", "content": an_openapi()}
    broker.post("/service-contracts/publish", json=contract)
    uuid = broker.post("/environments", json={"name": "prod", "production": True}).json["uuid"]
    broker.post(f"/pacticipants/Orders/versions/7/deployed-versions/environment/{uuid}", json={})
    broker.post(
        "/webhooks", json={"provider": {"name": "Orders"}, "request": {"url": "https://x.example.org/"}}
    )
    pair = "provider/Orders/consumer/Shop"
    return {
        "pact": (f"/pacts/{pair}/version/1", "1 revision", "1"),
        "integration": (f"/integrations/{pair}", "1 pact, 1 result", "Shop"),
        "environment": (f"/environments/{uuid}", "1 deployment", "prod"),
        "branch": ("/pacticipants/Orders/branches/main", "", "main"),
        "version": ("/pacticipants/Orders/versions/7", "1 result, 1 publication, 1 deployment", "7"),
        "application": (
            "/pacticipants/Orders",
            "1 integration, 1 version, 1 branch, 1 pact, 1 result",
            "Orders",
        ),
    }


@pytest.mark.parametrize("kind", ["pact", "integration", "environment", "branch", "version", "application"])
def test_a_deletion_counts_what_goes_with_it_wants_the_name_and_says_what_it_did(full, person, kind):
    address, goes_with_it, name = full[kind]
    with sql_statements() as seen:
        page = person.visit(f"{address}/delete")

    refused = person.send(name="another")
    assert all(part in page.text for part in goes_with_it.split(", "))
    assert len(seen) <= 6
    assert (refused.status, "is not the name of this" in refused.text) == (400, True)
    done = person.send(name=name)

    assert f"The {kind} " in done.text
    assert "was deleted" in done.text
    assert goes_with_it in done.text
    assert person.visit(f"{address}/delete").status == 404


def test_what_is_not_there_cannot_be_deleted_or_changed(person):
    for path in (
        "pacticipants/No/delete",
        "pacticipants/No/edit",
        "environments/no/edit",
        "secrets/no/delete",
    ):
        assert person.visit(f"/{path}").status == 404
