import re

import pytest
from support.factories import a_pact, a_publication, an_interaction

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.database import Database

PROBLEM = "application/problem+json"


def test_every_answer_says_what_it_is(broker):
    answer = broker.get("/")

    assert answer.headers["Content-Type"] == "application/hal+json;charset=utf-8"
    assert answer.headers["X-Pact-Broker-Version"]
    assert answer.headers["Vary"] == "Accept, Accept-Encoding"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "accept", ["*/*", "application/json", "application/hal+json, application/json", None]
)
def test_every_client_gets_hal(broker, accept):
    answer = broker.get("/", headers={} if accept is None else {"Accept": accept})

    assert answer.status_code == 200
    assert answer.json["_links"]["self"]["href"] == "http://localhost"


def test_every_link_of_the_index_that_is_no_template_leads_somewhere(broker):
    links = broker.get("/").json["_links"]
    fixed = [link["href"] for name, link in links.items() if name != "curies" and not link["templated"]]

    statuses = {href: broker.get(href).status_code for href in fixed}

    assert len(statuses) > 4
    needs_a_query = [statuses.pop(f"http://localhost/{path}") for path in ("matrix", "deploy-plan")]
    assert needs_a_query == [400, 400]
    assert set(statuses.values()) == {200, 405}


def test_the_index_still_knows_the_beta_of_the_pacts_for_verification(broker):
    links = broker.get("/").json["_links"]

    assert links["beta:provider-pacts-for-verification"]["name"] == "beta"
    assert [curie["name"] for curie in links["curies"]] == ["pb", "beta", "pf", "tally"]


def test_templates_keep_the_names_that_clients_expand(broker):
    links = broker.get("/").json["_links"]

    assert links["pb:publish-pact"] == {
        "href": "http://localhost/pacts/provider/{provider}/consumer/{consumer}"
        "/version/{consumerApplicationVersion}",
        "title": "Publish a pact",
        "templated": True,
    }
    assert links["pb:pacticipant-branch-version"]["href"].endswith(
        "/pacticipants/{pacticipant}/branches/{branch}/versions/{version}"
    )


@pytest.mark.parametrize("base_url", ["https://contracts.example.org", "https://example.org/contracts/"])
def test_links_start_with_the_configured_address(database, base_url):
    client = create_app(Settings(base_url=base_url), database).test_client()

    links = client.get("/").json["_links"]

    assert links["self"]["href"] == base_url.rstrip("/")
    assert links["pb:environments"]["href"] == f"{base_url.rstrip('/')}/environments"


def test_what_does_not_exist_is_not_found_in_json(broker):
    answer = broker.get("/no/such/thing")

    assert answer.status_code == 404
    assert "index" in answer.json["error"]


def test_an_unknown_method_names_those_that_there_are(broker):
    answer = broker.delete("/contracts/publish")

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "OPTIONS, POST"
    assert answer.data == b""


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/pacts/latest.json", "application/hal+json"),
        ("/integrations.json", "application/hal+json"),
        ("/pacticipants.json", "application/hal+json"),
        ("/relationships.csv", "text/csv"),
        ("/openapi.json", "application/json"),
    ],
)
@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_a_file_extension_says_which_type_is_wanted(broker, path, content_type, accept):
    answer = broker.get(path, headers={"Accept": accept})

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == f"{content_type};charset=utf-8"


def test_in_a_name_a_file_extension_is_part_of_the_name(broker):
    broker.put("/pacticipants/Shop/versions/1.json", json={})

    assert broker.get("/pacticipants/Shop/versions/1.json").json["number"] == "1.json"
    assert broker.get("/pacticipants/Shop/versions/1").status_code == 404
    assert broker.get("/no/such/thing.json").status_code == 404


def test_a_method_that_http_does_not_have_is_not_implemented(broker):
    answer = broker.open("/pacticipants", method="FETCH")

    assert answer.status_code == 501
    assert answer.data == b""


def test_options_names_the_methods_of_a_resource(broker):
    answer = broker.options("/pacticipants/Shop")

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Methods"] == "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"
    assert answer.data == b""


def test_two_slashes_in_a_row_lead_nowhere(broker):
    answer = broker.get("/pacticipants//versions")

    assert (answer.status_code, answer.mimetype) == (404, PROBLEM)
    assert answer.json["title"] == "Not Found"
    assert "empty part" in answer.json["detail"]


@pytest.mark.parametrize("character", ["%0A", "%09", "%7F", "%1F"])
def test_control_characters_are_no_part_of_a_name(broker, character):
    answer = broker.get(f"/pacticipants/a{character}b")

    assert (answer.status_code, answer.mimetype) == (422, PROBLEM)
    assert answer.json["title"] == "Unprocessable"


def test_a_body_that_is_too_large_is_refused(database):
    client = create_app(Settings(max_request_megabytes=1), database).test_client()
    publication = a_publication(buildUrl="x" * 2_000_000)

    answer = client.post("/contracts/publish", json=publication)

    assert answer.status_code == 413
    assert client.get("/pacticipants").json["_embedded"]["pacticipants"] == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "kind"),
    [
        ("GET", "/pacticipants/Nobody", None, 404, "problem/not-found"),
        ("GET", "/nowhere", None, 404, "problems/server-error"),
        ("POST", "/contracts/publish", {}, 400, "problems/validation-error"),
        ("GET", "/matrix", None, 400, "problems/validation-error"),
    ],
)
def test_a_client_may_ask_for_problem_json(broker, method, path, body, status, kind):
    answer = broker.open(path, method=method, json=body, headers={"Accept": PROBLEM})

    assert answer.headers["Content-Type"] == f"{PROBLEM};charset=utf-8"
    assert answer.json["status"] == answer.status_code == status
    assert answer.json["type"] == f"http://localhost/{kind}"


def test_a_problem_points_at_the_field(broker):
    answer = broker.post("/contracts/publish", json={"contracts": []}, headers={"Accept": PROBLEM})

    missing = {item["pointer"]: item["detail"] for item in answer.json["errors"]}
    assert missing == {"/pacticipantName": "is missing", "/pacticipantVersionNumber": "is missing"}


def test_what_stands_against_a_publication_is_in_a_problem_as_well(broker):
    publication = a_publication(a_pact(an_interaction("first")))
    broker.post("/contracts/publish", json=publication)
    changed = a_publication(a_pact(an_interaction("second")))

    usual = broker.post("/contracts/publish", json=changed)
    problem = broker.post("/contracts/publish", json=changed, headers={"Accept": PROBLEM})

    assert usual.status_code == problem.status_code == 409
    assert usual.json.items() <= problem.json.items()
    assert problem.json["status"] == 409


def test_an_unexpected_error_tells_a_reference_and_no_more(database, caplog):
    app = create_app(Settings(), database)
    app.add_url_rule("/broken", view_func=lambda: 1 / 0)

    answer = app.test_client().get("/broken")

    reference = answer.json["error"]["reference"]
    assert answer.status_code == 500
    assert "division" not in answer.text
    assert reference in caplog.text


def test_the_diagnosis_tells_whether_the_database_answers(tmp_path, database):
    broken = create_app(Settings(), Database(f"sqlite:///{tmp_path}/no/folder/x.sqlite3")).test_client()
    healthy = create_app(Settings(), database).test_client()

    assert healthy.get("/diagnostic/status/dependencies").json["database"] == {"ok": True}
    answer = broken.get("/diagnostic/status/dependencies")
    assert answer.status_code == 500
    assert answer.json["database"]["ok"] is False
    assert "unable to open" in answer.json["database"]["error"]["message"]
    assert broken.get("/diagnostic/status/heartbeat").json["ok"] is True


def test_an_error_page_and_the_body_of_a_server_error_tell_the_id_of_the_request(database):
    app = create_app(Settings(), database)
    app.add_url_rule("/broken", view_func=lambda: 1 / 0)
    client, given = app.test_client(), {"X-Request-Id": "abc-1"}

    plain = client.get("/broken", headers=given)
    problem = client.get("/broken", headers={**given, "Accept": PROBLEM})
    missing = client.get("/no/such/page", headers={**given, "Accept": "text/html"})
    refused = client.get("/pacticipants/Nobody", headers=given)

    assert plain.json["error"]["reference"] == problem.json["reference"] == "abc-1"
    assert "abc-1" in missing.text
    assert "abc-1" not in refused.text


@pytest.mark.parametrize(
    "given", ["", " ", "<script>", "a b", 'a"b', "ä", "a;b", "x" * 129, "tallys_" + "x" * 40, "%0a"]
)
def test_what_is_no_id_of_a_request_is_replaced(database, given):
    app = create_app(Settings(), database)
    app.add_url_rule("/broken", view_func=lambda: 1 / 0)

    answer = app.test_client().get("/broken", environ_overrides={"HTTP_X_REQUEST_ID": given})

    assert re.fullmatch("[0-9a-f]{32}", answer.json["error"]["reference"])
