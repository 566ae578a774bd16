"""What permissions cost the database: a question nothing, a change of a team one look at who owns it."""

import pytest
from support.accounts import accounts, bearer
from support.factories import a_publication, a_verification_result
from support.sql_statements import sql_statements

from broker.app import create_app
from broker.settings.settings import Settings

OWNERSHIP, ENTRY = 1, 1
QUESTIONS = (
    "/can-i-deploy?pacticipant=Shop&version=1&environment=lab",
    "/matrix?q[][pacticipant]=Shop&q[][version]=1&latestby=cvpv",
    "/pacts/provider/Orders/consumer/Shop/latest",
)
CHANGES = {
    "publication": ("POST", "/contracts/publish", lambda number: a_publication(version=f"{number}")),
    "version": ("PUT", "/pacticipants/Shop/versions/{}", lambda _: {}),
    "tag": ("PUT", "/pacticipants/Shop/versions/{}/tags/dev", lambda _: {}),
    "result": ("POST", "{results}", lambda number: a_verification_result(f"{number}")),
}


@pytest.fixture
def ask(database):
    """Send a request to the broker, at first without accounts; return how many statements it took."""
    client = create_app(Settings(), database).test_client()
    client.post("/environments", json={"name": "lab", "production": False})
    client.post("/contracts/publish", json=a_publication())
    pact = client.get(QUESTIONS[-1]).json
    results = pact["_links"]["pb:publish-verification-results"]["href"].partition("localhost")[2]

    def send(method, path, body=None, *, by=client, headers=None):
        with sql_statements() as seen:
            answer = by.open(path.replace("{results}", results), method=method, json=body, headers=headers)
        assert answer.status_code in {200, 201}, answer.text
        return len(seen)

    return send


@pytest.fixture
def as_publisher(database, ask):  # noqa: ARG001 - it is asked without accounts before there are any
    """What makes the request that of an account which the process knows, once it is called."""

    def begin():
        made = accounts(database)
        made.team("payments", "Shop", "Orders")
        headers = bearer(made.token("publisher", team="payments"))
        client = create_app(Settings(), database).test_client()
        client.get("/pacticipants", headers=headers)
        return {"by": client, "headers": headers}

    return begin


@pytest.mark.parametrize("path", QUESTIONS)
def test_a_question_takes_no_statement_more(ask, as_publisher, path):
    before = ask("GET", path), ask("GET", path)

    assert ask("GET", path, **as_publisher()) == before[1]


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_takes_one_for_its_owner_and_one_for_its_entry(ask, as_publisher, name):
    method, path, body = CHANGES[name]
    ask(method, path.format(101, results="{results}"), body(101))
    before = ask(method, path.format(102, results="{results}"), body(102))

    after = ask(method, path.format(103, results="{results}"), body(103), **as_publisher())

    assert after <= before + OWNERSHIP + ENTRY
    assert after > before  # otherwise nothing was asked, and this test sees nothing
