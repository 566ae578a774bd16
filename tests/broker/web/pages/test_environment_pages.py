"""The pages of the environments: what is where, what keeps it there, what differs, what was there before."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from support.clocks import Clock
from support.contract_documents import an_openapi
from support.factories import a_pact, an_interaction
from support.reading_pages import A_BROWSER
from support.sql_statements import sql_statements

from broker.app import create_app
from broker.settings.settings import Settings

ON_BOTH_DATABASES = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
NAMES = ("Shop", "Orders", "Tax", "Mail")


@pytest.fixture
def clock():
    """Begin now, as the environments that a new broker has were created now."""
    return Clock(datetime.now(UTC))


@pytest.fixture
def broker(database, clock):
    return create_app(Settings(), database, clock=clock).test_client()


@pytest.fixture
def uuids(broker):
    """Have three environments, and return their addresses by name: test, staging, production."""
    broker.post("/environments", json={"name": "staging", "production": False})
    found = broker.get("/environments").json["_embedded"]["environments"]
    return {item["name"]: item["uuid"] for item in found}


@pytest.fixture
def put_in(broker, uuids, clock):
    """Record that a version is in an environment."""

    def put_in(name, version, environment, kind="deployed-versions", **body):
        clock.now += timedelta(seconds=1)
        path = f"/pacticipants/{name}/versions/{version}/{kind}/environment/{uuids[environment]}"
        answer = broker.post(path, json=body)
        assert answer.status_code == 201, answer.text
        return answer.json

    return put_in


@ON_BOTH_DATABASES
def test_every_application_has_a_row_with_its_versions_in_the_order_of_the_environments(
    visit, publish, put_in
):
    publish(version="1")
    publish(version="2")
    publish(a_pact(an_interaction(), consumer="Mobile app"), version="1")
    put_in("Shop", "1", "production")
    put_in("Shop", "2", "test")
    put_in("Shop", "1", "test", applicationInstance="blue")
    put_in("Mobile%20app", "1", "production", kind="released-versions")

    page = visit("/environments")

    assert page.rows == [
        ("Application", "Test", "Staging", "Production"),
        ("Shop", "2 now Orders 1 now · blue Orders", "", "1 now"),
        ("Mobile app", "", "", "1 now · released"),
    ]
    assert "2 applications in 3 environments; 2 versions of those shown cannot go on." in page.text
    assert page.is_balanced


@ON_BOTH_DATABASES
def test_a_version_is_marked_only_if_it_cannot_go_on(visit, publish, verify, put_in):
    verify(publish(version="1"), "o1")
    publish(a_pact(an_interaction("another")), version="2")
    put_in("Orders", "o1", "test")
    put_in("Orders", "o1", "staging")
    put_in("Shop", "1", "test")

    assert [row[1] for row in visit("/environments").rows[1:]] == ["o1 now", "1 now"]
    put_in("Shop", "2", "test")
    assert [row[1] for row in visit("/environments").rows[1:]] == ["o1 now", "2 now Orders"]
    # What it needs is in the way where it is not there at all; where it is already, nothing is.
    put_in("Shop", "2", "staging")
    rows = {row[0]: row[1:] for row in visit("/environments").rows[1:]}
    assert rows["Shop"] == ("2 now", "2 now Orders", "")
    why = visit("/environments").links["Orders"]
    assert why == "/can-i-deploy?pacticipant=Shop&version=2&environment=production"
    assert "Not yet: Shop 2 to production" in visit(why).text


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize("with_documents", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_it_is_marked_exactly_where_the_deployment_plan_says_no(
    broker, publish, verify, put_in, seed, with_documents
):
    random = Random(seed)  # noqa: S311 - a world, not a secret
    versions = [(name, str(number)) for name in NAMES for number in range(3)]
    for consumer, version in versions:
        for provider in random.sample(NAMES, 2):
            published = publish(
                a_pact(
                    an_interaction(f"request {random.randrange(2)}"), consumer=consumer, provider=provider
                ),
                version=version,
            )
            for number in random.sample(range(3), 2):
                verify(published, str(number), success=random.random() < 0.7)
    if with_documents:
        document = {"pacticipantName": "Orders", "pacticipantVersionNumber": "1", "content": an_openapi()}
        assert broker.post("/service-contracts/publish", json=document).status_code == 200
    for name, version in random.sample(versions, 9):
        put_in(name, version, random.choice(("test", "staging", "production")))
    put_in("Tax", "1", "staging", applicationInstance="blue")

    cells = broker.get("/environments?format=json&days=0").json["versions"]

    moved = [cell for cell in cells if cell["next"]]
    assert moved
    for cell in moved:
        query = f"q[][pacticipant]={cell['application']}&q[][version]={cell['version']}"
        plan = broker.get(f"/deploy-plan?{query}&environment={cell['next']}").json
        assert cell["canGoOn"] is plan["summary"]["possible"], cell


def test_what_waits_longest_is_first_and_marked_after_some_days(visit, publish, put_in, clock, verify):
    for name in ("Shop", "App", "Web"):
        verify(publish(a_pact(consumer=name)), "o1")
    put_in("Orders", "o1", "staging")
    put_in("Orders", "o1", "production")
    put_in("Web", "1", "staging")
    clock.now += timedelta(days=10)
    put_in("App", "1", "staging")
    put_in("Shop", "1", "staging")
    put_in("Shop", "1", "production")
    clock.now += timedelta(days=10)

    page = visit("/environments?sort=waits")

    assert [row[0] for row in page.rows[1:]] == ["Web", "App", "Orders", "Shop"]
    assert {row[0]: row[2] for row in page.rows[1:]}["Web"] == "1 20 d waits"
    assert "1 has waited for more than 14 days" in page.text
    assert [row[2] for row in visit("/environments?days=5").rows[1:3]] == ["1 20 d waits", "1 10 d waits"]
    assert [row[0] for row in visit("/environments?sort=application").rows[1:]] == [
        "App",
        "Orders",
        "Shop",
        "Web",
    ]


def test_the_past_is_shown_as_it_was(visit, publish, put_in, clock):
    publish(version="1")
    publish(version="2")
    put_in("Shop", "1", "test")
    clock.now += timedelta(days=1)
    moment = clock.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    clock.now += timedelta(days=1)
    put_in("Shop", "2", "test")

    assert visit("/environments").rows[1][1].startswith("2 now")
    then = visit(f"/environments?at={moment}")
    assert then.rows[1][1].startswith("1 2 d")
    assert "This is how it was on" in then.text
    assert then.links["Show it as it is now"] == "?"


@ON_BOTH_DATABASES
def test_filters_and_pages_are_of_applications(visit, publish, put_in, broker):
    for number in range(27):
        publish(a_pact(consumer=f"App {number:02}"), version="1")
        put_in(f"App%20{number:02}", "1", "production")
    broker.put("/pacticipants/App%2007/labels/team:money", json={})

    assert len(visit("/environments").rows) == 26
    assert [row[0] for row in visit("/environments?page=2").rows[1:]] == ["App 25", "App 26"]
    assert [row[0] for row in visit("/environments?search=app+1").rows[1:4]] == ["App 10", "App 11", "App 12"]
    assert [row[0] for row in visit("/environments?team=money").rows[1:]] == ["App 07 money"]
    assert len(broker.get("/environments?format=json").json["versions"]) == 27
    assert "No such application" in visit("/environments?search=none").text


@ON_BOTH_DATABASES
def test_an_environment_shows_what_is_there_and_what_changed(visit, publish, put_in, uuids):
    publish(version="1")
    publish(version="2")
    put_in("Shop", "1", "test")
    put_in("Shop", "2", "test")
    put_in("Shop", "1", "production")

    page = visit(f"/environments/{uuids['test']}")

    assert page.rows == [
        ("Application", "Version", "How", "Since"),
        ("Shop", "2", "deployed", "just now · history"),
        ("Application", "Version", "How", "From", "Until"),
        ("Shop", "2", "deployed", "just now", "still there"),
        ("Shop", "1", "deployed", "just now", "just now"),
    ]
    assert "1 version; called test by commands." in page.text


def test_an_environment_has_its_contacts(visit, broker, uuids):
    contacts = [{"name": "Platform <team>", "details": {"phone": 112}}]
    body = {"name": "test", "production": False, "contacts": contacts}
    assert broker.put(f"/environments/{uuids['test']}", json=body).status_code == 200

    assert "Contacts: Platform <team>, 112." in visit(f"/environments/{uuids['test']}").text


@ON_BOTH_DATABASES
def test_a_comparison_has_only_what_differs(visit, publish, put_in, broker):
    for name in ("Same", "Ahead", "Missing"):
        publish(a_pact(consumer=name), version="1")
        publish(a_pact(consumer=name), version="2")
    put_in("Same", "1", "staging")
    put_in("Same", "1", "production")
    put_in("Ahead", "2", "staging")
    put_in("Ahead", "1", "production")
    put_in("Missing", "2", "production")

    page = visit("/environments/compare?a=staging&b=production")

    assert page.rows == [
        ("Application", "Staging", "Production", "Later version"),
        ("Ahead", "2 now", "1 now", "Staging"),
        ("Missing", "nothing", "2 now", "only in Production"),
    ]
    assert "2 applications differ" in page.text
    assert visit("/environments/compare").rows == page.rows
    assert broker.get("/environments/compare?format=csv").text.splitlines()[1].startswith("Ahead,2,1,")


def test_a_comparison_can_be_about_the_past(visit, publish, put_in, clock):
    publish(version="1")
    put_in("Shop", "1", "staging")
    clock.now += timedelta(days=2)
    then = clock.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    clock.now += timedelta(days=2)
    put_in("Shop", "1", "production")

    assert visit("/environments/compare").rows == []
    assert visit(f"/environments/compare?at={then}").rows[1] == (
        "Shop",
        "1 4 d",
        "nothing",
        "only in Staging",
    )


def test_one_environment_cannot_be_compared(visit, broker, uuids):
    for name in ("test", "staging"):
        broker.delete(f"/environments/{uuids[name]}")

    assert "Two environments are needed" in visit("/environments/compare").text
    assert "Compare two" not in visit("/environments").text


@ON_BOTH_DATABASES
def test_the_history_of_an_application_has_every_version_that_was_there(
    visit, publish, put_in, uuids, broker
):
    publish(version="1")
    publish(version="2")
    put_in("Shop", "1", "test")
    put_in("Shop", "2", "test")
    put_in("Shop", "1", "test", kind="released-versions")
    address = f"/pacticipants/Shop/environments/{uuids['test']}/versions"

    page = visit(address)

    assert page.rows[1:] == [
        ("1", "released", "just now", "still there", "0"),
        ("2", "deployed", "just now", "still there", "0"),
        ("1", "deployed", "just now", "just now", "0"),
    ]
    assert broker.get(address, headers={"Accept": "application/hal+json"}).json["_links"]
    assert "It was never there" in visit(address.replace(uuids["test"], uuids["staging"])).text


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/environments?at=yesterday", 400, "must be a date or a time such as"),
        ("/environments?at=2126-01-01", 400, "is in the future"),
        ("/environments?days=many", 400, "must be a whole number from 0 to 3650"),
        ("/environments?team=mony", 404, "No application has the label"),
        ("/environments?sort=size", 400, "must be one of"),
        ("/environments/compare?a=tset", 404, "did you mean"),
        ("/environments/nothing", 404, "No environment with uuid"),
    ],
)
def test_what_is_not_known_is_said(visit, uuids, path, status, message):
    assert uuids
    page = visit(path)

    assert (page.status, message in page.text) == (status, True)


def test_without_environments_it_says_how_to_begin(visit, broker, uuids):
    for uuid in uuids.values():
        broker.delete(f"/environments/{uuid}")

    assert "tally create-environment" in visit("/environments").text


def test_difficult_names_are_texts_and_links(visit, publish, broker, uuids):
    name = "<script>'/\" 在庫 🚚"
    publish(a_pact(consumer=name), version="feat/<b>")
    found = broker.get("/pacticipants").json["_embedded"]["pacticipants"]
    address = next(item["_links"]["self"]["href"] for item in found if item["name"] == name)
    for environment in ("test", "staging"):
        record = f"{address}/versions/feat%2F%3Cb%3E/deployed-versions/environment/{uuids[environment]}"
        assert broker.post(record, json={}).status_code == 201

    for path in ("/environments", f"/environments/{uuids['test']}", "/environments/compare"):
        page = visit(path)
        assert name in page.text
        assert page.is_balanced
        assert visit(page.links[name]).status == 200


@ON_BOTH_DATABASES
def test_a_page_takes_six_statements_at_most(broker, publish, put_in, uuids):
    publish(version="1")
    put_in("Shop", "1", "test")
    document = {"pacticipantName": "Shop", "pacticipantVersionNumber": "1", "content": an_openapi()}
    plain = [
        "/environments?search=s",
        f"/environments/{uuids['test']}",
        "/environments/compare",
        f"/pacticipants/Shop/environments/{uuids['test']}/versions",
    ]
    for with_document in (False, True):
        if with_document:
            assert broker.post("/service-contracts/publish", json=document).status_code == 200
        for path in [*plain, "/environments?at=2026-01-01", "/environments/compare?at=2026-01-01"]:
            with sql_statements() as seen:
                assert broker.get(path, headers=A_BROWSER).status_code == 200, path

            assert len(seen) <= 6, path
