"""The audit log calls what a form does as what the API does: one filter finds both."""

import pytest
from support.audit_logs import NOW
from support.factories import a_publication
from support.filling_forms import Person

from broker.app import create_app
from broker.settings.settings import Settings
from broker.web.form_actions import ACTIONS

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
WITHOUT_A_VIEW = {"my-sessions", "log-out", "log-in-by-password", "log-in-by-link", "my-password"}
"""These are about the sessions of a browser, and about the password of who sends them."""


@pytest.fixture
def app(database):
    """A broker that keeps a log without accounts."""
    return create_app(Settings(audit="always", base_url="https://localhost"), database, clock=lambda: NOW)


def subjects(client, action):
    entries = client.get(f"/audit?sort=-timestamp&action={action}").json["_embedded"]["entries"]
    return [(entry["subject"]["kind"], entry["subject"]["name"]) for entry in entries]


def test_each_form_has_the_action_of_a_view_that_writes(app):
    forms = {name.removeprefix("forms.change-") for name in app.view_functions if "forms.change-" in name}
    writing = {
        rule.endpoint for rule in app.url_map.iter_rules() if rule.methods - {"GET", "HEAD", "OPTIONS"}
    }

    assert forms - ACTIONS.keys() == WITHOUT_A_VIEW
    assert ACTIONS.keys() <= forms
    assert set(ACTIONS.values()) <= writing


def test_what_is_deleted_on_a_page_is_found_with_what_the_api_has_deleted(app):
    client = app.test_client()
    for name in ("Page", "Api"):
        client.post("/contracts/publish", json=a_publication() | {"pacticipantName": name, "contracts": []})
    person = Person(app.test_client())

    person.visit("/pacticipants/Page/delete")
    person.send(name="Page")
    client.delete("/pacticipants/Api")

    assert subjects(client, "pacticipants.delete") == [("pacticipant", "Api"), ("pacticipant", "Page")]


def test_a_policy_that_is_removed_on_a_page_is_not_called_changed(app):
    client = app.test_client()
    client.post("/pacticipants", json={"name": "Shop"})
    person = Person(app.test_client())

    person.visit("/pacticipants/Shop/service-contract-policy/edit")
    person.send(0, "", incompatible="refuse")
    person.visit("/pacticipants/Shop/service-contract-policy/edit")
    person.send(0, "", do="defaults")

    subject = ("service_contract_policies", "Shop")
    assert subjects(client, "service_contract_policies.change") == [subject]
    assert subjects(client, "service_contract_policies.remove") == [subject]
