"""The list of all applications, and the pages of each: how it stands, its lists, its branches."""

from urllib.parse import quote

import pytest
from support.contract_documents import an_openapi
from support.factories import a_pact, an_interaction
from support.reading_pages import A_BROWSER
from support.sql_statements import sql_statements

from tally.amounts import counted

ON_BOTH_DATABASES = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
TABS = ("", "/versions", "/branches", "/contracts", "/deployments", "/results", "/settings")
AWKWARD = 'a/b "quoted" <script>alert(1)</script> 日本 🚀 \u202eshalom'
WITH_A_MISMATCH = {
    "testResults": [
        {
            "interactionId": "0",
            "success": False,
            "interactionDescription": "a request for order 1",
            "mismatches": [{"attribute": "body", "identifier": "$.status", "description": "was PENDING"}],
        }
    ]
}


@pytest.fixture
def deploy(broker):
    def deploy(name, version, environment="test", kind="deployed", **body):
        environments = broker.get("/environments").json["_embedded"]["environments"]
        uuid = next(item["uuid"] for item in environments if item["name"] == environment)
        path = f"/pacticipants/{quote(name, safe='')}/versions/{version}/{kind}-versions/environment/{uuid}"
        assert broker.post(path, json=body).status_code == 201

    return deploy


@ON_BOTH_DATABASES
def test_every_application_is_listed_worst_first(broker, visit, publish, verify, deploy):
    verify(publish(a_pact(consumer="Kept", provider="P")), "1", branch="main")
    verify(publish(a_pact(consumer="Broken", provider="Q")), "1", branch="main", success=False)
    publish(a_pact(consumer="New", provider="R"), version="7", branch="feat/x")
    broker.put("/pacticipants/New/labels/team:new", json={})
    broker.post("/pacticipants", json={"name": "Alone"})
    deploy("Kept", "1")

    page = visit("/pacticipants")

    assert page.rows == [
        ("Application", "Labels", "main", "Needed by", "Needs", "Newest version", "Where"),
        ("Broken", "", "1 failed", "", "1", "1 main now", ""),
        ("Q", "", "1 failed", "1", "", "1 main now", ""),
        ("New", "team:new", "1 never verified", "", "1", "7 feat/x now", ""),
        ("R", "", "1 never verified", "1", "", "", ""),
        ("Kept", "", "verified", "", "1", "1 main now", "test"),
        ("P", "", "verified", "1", "", "1 main now", ""),
        ("Alone", "", "no contracts", "", "", "", ""),
    ]
    assert page.is_balanced


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("sort=name", ["Alpha", "beta", "Gamma"]),
        ("sort=newest", ["beta", "Alpha", "Gamma"]),
        ("q=ET", ["beta"]),
        ("label=team:x", ["Gamma"]),
        ("q=a&label=team:x", ["Gamma"]),
        ("q=b&label=team:x", []),
    ],
)
def test_applications_are_filtered_and_sorted(broker, query, names):
    for name in ("Gamma", "beta", "Alpha"):
        broker.post("/pacticipants", json={"name": name})
    broker.put("/pacticipants/Gamma/labels/team:x", json={})
    for name in ("Alpha", "beta"):
        broker.put(f"/pacticipants/{name}/versions/1", json={})

    answer = broker.get(f"/pacticipants?format=json&{query}").json

    assert [item["name"] for item in answer["applications"]] == names


def test_the_list_of_applications_says_how_many_fail_and_can_be_that_of_a_team(
    broker, visit, publish, verify
):
    verify(publish(), "1", branch="main", success=False)
    for name, label in (("Shop", "team:selling"), ("Orders", "team:fulfilment"), ("Other", "legacy")):
        broker.put(f"/pacticipants/{name}", json={})
        broker.put(f"/pacticipants/{name}/labels/{label}", json={})

    with sql_statements() as statements:
        everything = visit("/pacticipants")
    of_a_label = visit("/pacticipants?label=legacy")

    assert "2 of 3 applications fail on main" in everything.text
    assert "Team allfulfilmentselling" in everything.text
    assert len(statements) <= 6
    assert "1 application, none fails on main with the label legacy" in of_a_label.text
    assert "Team allfulfilmentsellinglegacy" in of_a_label.text


@pytest.mark.parametrize(
    ("query", "reason"),
    [("sort=size", "must be one of name, worst, newest"), (f"q={'x' * 300}", "cannot be longer than 255")],
)
def test_a_list_that_cannot_be_made_is_refused(visit, query, reason):
    page = visit(f"/pacticipants?{query}")

    assert page.status == 400
    assert reason in page.text


def test_an_empty_list_shows_the_command_that_makes_the_first_application(visit, broker):
    assert "tally publish" in visit("/pacticipants").text

    broker.post("/pacticipants", json={"name": "Foo"})
    assert visit("/pacticipants?q=zzz&label=team:x").links["Without the name"] == "?label=team%3Ax"
    assert "There is no page 9" in visit("/pacticipants?page=9").text


@ON_BOTH_DATABASES
def test_an_application_says_who_is_broken_since_when_and_by_what(visit, publish, verify, deploy):
    shop = publish(version="3")
    desk = publish(a_pact(an_interaction(), an_interaction("another"), consumer="Desk"), version="4")
    for version in ("o1", "o2"):
        verify(desk, version, branch="main")
    verify(shop, "o1", branch="main")
    verify(shop, "o2", branch="main", success=False, **WITH_A_MISMATCH)
    deploy("Orders", "o1", applicationInstance="blue")
    deploy("Orders", "o2", "production", kind="released")

    page = visit("/pacticipants/Orders")

    assert "1 of 2 consumers is broken by main since now" in page.text
    assert "Shop 2 results, the newest last" not in page.text  # it is the label of a drawing
    assert "1 of 1 interaction since o2 (now)" in page.text
    assert "body $.status was PENDING" in page.text
    assert page.links["Shop"] == "/pacts/provider/Orders/consumer/Shop/latest"
    assert page.links["o2"] == "/pacticipants/Orders/versions/o2"
    assert page.links["what keeps it from the next environment"] == "/environments?search=Orders"
    assert ("o2", "main", "production", "Shop", "now") in page.rows
    assert ("o1", "main", "test · blue", "", "now") in page.rows
    assert ("test blue", "o1", "none", "now", "Can it be deployed?") in page.rows
    assert ("production released", "o2", "none", "now", "Can it be deployed?") in page.rows
    assert page.is_balanced


@pytest.mark.parametrize(
    ("results", "sentence"),
    [
        ({}, "2 of 2 integrations never verified"),
        ({"A": True}, "1 of 2 integrations never verified"),
        ({"A": True, "B": True}, "Verified on main with 2 consumers"),
        ({"A": False, "B": False}, "2 of 2 consumers are broken by main"),
    ],
)
def test_how_an_application_stands_is_a_sentence(visit, publish, verify, results, sentence):
    pacts = {name: publish(a_pact(consumer=name)) for name in "AB"}
    for name, success in results.items():
        verify(pacts[name], "1", branch="main", success=success)

    assert sentence in visit("/pacticipants/Orders").text


def test_a_consumer_says_which_provider_breaks_what_it_needs(visit, publish, verify):
    verify(publish(), "1", branch="main", success=False)

    assert "1 of 1 provider breaks what main needs" in visit("/pacticipants/Shop").text


def test_versions_are_listed_by_the_page_and_by_branch(broker, visit):
    broker.post("/pacticipants", json={"name": "Foo"})
    for number in range(55):
        broker.put(
            f"/pacticipants/Foo/branches/{'main' if number % 2 else 'feat%2Fx'}/versions/v{number}", json={}
        )
    broker.put("/pacticipants/Foo/versions/v54/tags/prod", json={})

    first, second = visit("/pacticipants/Foo/versions"), visit("/pacticipants/Foo/versions?page=2")
    on_branch = visit("/pacticipants/Foo/versions?branch=feat/x")

    assert first.rows[1] == ("v54", "feat/x # prod", "", "", "now")
    assert (len(first.rows), len(second.rows), len(on_branch.rows)) == (51, 6, 29)
    assert first.links["Older versions"] == "?page=2"
    assert second.links["Newer versions"] == "?page=1"
    assert first.links["feat/x"] == "/pacticipants/Foo/branches/feat%2Fx"
    assert "No version is on the branch nope" in visit("/pacticipants/Foo/versions?branch=nope").text
    assert "There is no page 9" in visit("/pacticipants/Foo/versions?page=9").text
    assert visit(f"/pacticipants/Foo/versions?branch={'x' * 501}").status == 400


def test_the_api_still_lists_versions_and_branches(broker, publish):
    publish()

    for path in ("/pacticipants/Shop/versions", "/pacticipants/Shop/branches", "/pacticipants"):
        assert broker.get(path).mimetype == "application/hal+json"


@ON_BOTH_DATABASES
def test_branches_show_their_heads(broker, visit, publish, verify):
    verify(publish(version="1"), "o1", branch="main")
    verify(
        publish(a_pact(an_interaction("new")), version="2", branch="feat/x"), "o2", branch="y", success=False
    )
    publish(a_pact(an_interaction("newer")), version="3", branch="feat/z")
    broker.put("/pacticipants/Shop/branches/gone/versions/4", json={})
    broker.delete("/pacticipants/Shop/versions/4")

    page = visit("/pacticipants/Shop/branches")

    assert page.rows == [
        ("Branch", "Head", "Version", "Changed"),
        ("gone", "no contracts", "no versions", "now"),
        ("feat/z", "1 of 1 not verified", "3", "now"),
        ("feat/x", "1 of 1 failed", "2", "now"),
        ("main main branch", "1 verified", "1", "now"),
    ]
    assert "1 verified" in visit("/pacticipants/Orders/branches").text
    branch = visit("/pacticipants/Shop/branches/feat%2Fx")
    assert branch.rows[1:] == [("2", "feat/x", "", "now")]
    assert branch.links["Delete"] == "/pacticipants/Shop/branches/feat%2Fx/delete"
    assert branch.is_balanced
    assert visit("/pacticipants/Shop/branches/nope").status == 404


def test_contracts_deployments_results_and_settings_have_a_page(broker, visit, publish, verify, deploy):
    verify(publish(version="3"), "o1", branch="main", buildUrl="https://ci.example.org/1")
    body = {"pacticipantName": "Orders", "pacticipantVersionNumber": "o1", "content": an_openapi()}
    broker.post("/service-contracts/publish", json=body)
    deploy("Orders", "o1")
    deploy("Orders", "o1", "production")

    contracts = visit("/pacticipants/Orders/contracts")
    deployments = visit("/pacticipants/Orders/deployments")
    results = visit("/pacticipants/Orders/results")
    settings = visit("/pacticipants/Orders/settings")

    assert contracts.rows[1][:6] == ("Shop", "Orders", "verified", "3", "o1", "1")
    assert contracts.rows[3][:3] == ("openapi", "openapi", "never verified")
    assert [row[:3] for row in deployments.rows[1:]] == [
        ("production", "o1", "deployment"),
        ("test", "o1", "deployment"),
    ]
    assert results.rows[1] == ("verified", "Shop", "Orders", "o1", "main", "build", "now")
    assert "/verification-results/" in results.links["verified"]
    assert "it fits the document, and that was verified" in settings.text
    assert settings.links["Edit"].startswith("/pacticipants/Orders/")


@pytest.mark.parametrize("tab", TABS)
def test_an_application_without_anything_says_what_to_do(broker, visit, tab):
    broker.post("/pacticipants", json={"name": "Foo"})

    page = visit(f"/pacticipants/Foo{tab}")

    assert "tally " in page.text
    assert page.is_balanced
    assert visit(f"/pacticipants/Bar{tab}").status == 404


@pytest.mark.parametrize("tab", [*TABS, "/branches/" + quote(AWKWARD, safe="")])
def test_names_are_shown_as_they_are(visit, publish, verify, tab):
    verify(publish(a_pact(consumer=AWKWARD), branch=AWKWARD, version=AWKWARD), "1", success=False)

    page = visit(f"/pacticipants/{quote(AWKWARD, safe='')}{tab}")

    assert page.status == 200
    assert "<script>alert(1)</script>" in page.text
    assert page.is_balanced


@ON_BOTH_DATABASES
@pytest.mark.parametrize(
    "path", ["", *(f"/Orders{tab}" for tab in TABS), "/Orders/branches/main", "/Orders/versions?branch=main"]
)
def test_a_page_costs_six_statements_whatever_there_is(broker, publish, verify, deploy, path):
    for consumer in "ABC":
        verify(publish(a_pact(consumer=consumer)), "1", branch="main")
    deploy("Orders", "1")

    with sql_statements() as seen:
        assert broker.get(f"/pacticipants{path}", headers=A_BROWSER).status_code == 200

    assert len(seen) <= 6, counted(len(seen), "statement") + "\n\n".join(seen)


@pytest.mark.parametrize("path", ["", *(f"/Shop{tab}" for tab in TABS[1:-1]), "/Shop/branches/main"])
def test_tables_are_there_for_machines(broker, publish, verify, path):
    verify(publish(), "1", branch="main")

    assert broker.get(f"/pacticipants{path}?format=csv").mimetype == "text/csv"
    assert len(broker.get(f"/pacticipants{path}?format=json").json) == 1
