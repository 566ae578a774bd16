"""A document that is published is compared with those of its name that matter: before, on main, in use."""

import pytest
from support.contract_documents import a_response, an_openapi, an_operation
from support.factories import a_pact, a_publication, an_interaction
from support.reading_pages import A_BROWSER, Page
from support.sql_statements import sql_statements

from broker.services.service_contracts import compatibility
from broker.services.service_contracts.judging_process import JudgingProcess, TookTooLongError

PUBLISH = "/service-contracts/publish"
POLICY = "/pacticipants/Orders/service-contract-policy"


def answering(**properties):
    """Return a document whose operation answers with these properties, all of them required."""
    schema = {
        "type": "object",
        "required": sorted(properties),
        "properties": {name: {"type": kind} for name, kind in properties.items()},
    }
    return an_openapi({"/orders/{id}": {"get": an_operation(responses={"200": a_response(schema)})}})


FIRST = answering(id="integer", status="string")
WIDER = answering(id="integer", status="string", total="integer")
BREAKING = answering(id="integer")


def publish(broker, version, document, branch="main", **more):
    body = {
        "pacticipantName": "Orders",
        "pacticipantVersionNumber": version,
        "content": document,
        "branch": branch,
        **more,
    }
    return broker.post(PUBLISH, json=body)


def compared(answer):
    return [
        (item["verdict"], [v["number"] for v in item["versions"]]) for item in answer.json["compatibility"]
    ]


def deploy(broker, version, environment="production"):
    place = broker.get(f"/environments?name={environment}").json["_embedded"]["environments"][0]["uuid"]
    broker.post(f"/pacticipants/Orders/versions/{version}/deployed-versions/environment/{place}", json={})


def test_a_first_document_is_compared_with_nothing(broker):
    assert compared(publish(broker, "1", FIRST)) == []


def test_a_version_without_a_document_of_this_name_hides_none_before_it(broker):
    publish(broker, "1", FIRST)
    events = an_openapi({"/events": {"get": an_operation(operationId="events", parameters=[])}})
    publish(broker, "2", None, content=None, documents=[{"content": events, "name": "events"}])

    assert compared(publish(broker, "3", BREAKING)) == [("breaking", ["1", "1"])]
    assert compared(publish(broker, "4", BREAKING, branch=None)) == []
    assert compared(publish(broker, "5", FIRST, branch=None)) == [("compatible", ["4", "3"])]


def test_a_compatible_document_is_said_to_be_so(broker):
    publish(broker, "1", FIRST)

    answer = publish(broker, "2", WIDER)

    assert compared(answer) == [("compatible", ["1", "1"])]
    assert not any(notice["type"] == "warning" for notice in answer.json["notices"])


def test_a_breaking_document_is_published_with_a_warning_that_names_the_changes(broker):
    publish(broker, "1", FIRST)

    answer = publish(broker, "2", BREAKING)

    assert answer.status_code == 200
    (item,) = answer.json["compatibility"]
    assert item["verdict"] == "breaking"
    warning = next(notice["text"] for notice in answer.json["notices"] if notice["type"] == "warning")
    assert warning.startswith("  'openapi' is not compatible with 1 (on its branch), 1 (on main):")
    assert all(change["rule"] in warning for change in item["changes"])
    shown = broker.get(item["_links"]["self"]["href"]).json
    assert (shown["verdict"], shown["mode"], shown["lenient"]) == ("breaking", "service", False)
    assert item["changes"][0] in shown["changes"]


def test_what_is_on_the_main_branch_and_in_environments_counts_too(broker):
    publish(broker, "1", BREAKING)
    deploy(broker, "1")
    publish(broker, "2", FIRST)
    publish(broker, "3", WIDER, branch="feature")

    answer = publish(broker, "4", WIDER, branch="feature")
    other = publish(broker, "5", answering(id="string"), branch="feature")

    assert compared(answer) == [("compatible", ["2"]), ("compatible", ["1"])]
    assert sorted(compared(other)) == [("breaking", ["1"]), ("breaking", ["2"]), ("breaking", ["4"])]


def test_a_policy_refuses_what_is_breaking_and_nothing_is_stored(broker):
    publish(broker, "1", FIRST)
    broker.put(POLICY, json={"incompatible": "refuse"})

    answer = publish(broker, "2", BREAKING)

    assert answer.status_code == 409
    error, changes = answer.json["notices"]
    assert "'openapi' of Orders 2 breaks consumers of 1" in error["text"]
    assert "PROPERTY" in changes["text"] or "REQUIRED" in changes["text"]
    assert broker.get("/pacticipants/Orders/versions/2").status_code == 404
    assert publish(broker, "2", WIDER).status_code == 200


def test_a_policy_that_refuses_lets_through_what_nobody_uses(broker):
    publish(broker, "1", FIRST)
    broker.put(POLICY, json={"incompatible": "refuse"})
    interaction = an_interaction("the id", response={"status": 200, "body": {"id": 1}})
    broker.post("/contracts/publish", json=a_publication(a_pact(interaction), branch="main"))

    unused = publish(broker, "2", BREAKING)
    used = publish(broker, "3", answering(status="string"))

    assert unused.status_code == 200
    assert compared(unused)[0][0] == "breaking-but-unused"
    assert any("but nobody uses what has changed" in notice["text"] for notice in unused.json["notices"])
    assert used.status_code == 409


def test_a_document_may_have_another_mode_and_none_compares_nothing(broker):
    publish(broker, "1", FIRST)
    broker.put(POLICY, json={"documents": [{"name": "openapi", "mode": "none"}]})

    assert compared(publish(broker, "2", BREAKING)) == []


def test_a_transitive_mode_compares_with_everything_before(broker):
    broker.post("/pacticipants", json={"name": "Orders"})
    broker.put(POLICY, json={"mode": "service-transitive"})
    publish(broker, "1", FIRST)
    publish(broker, "2", BREAKING)

    answer = publish(broker, "3", answering(id="integer", total="string"))

    assert sorted(compared(answer)) == [("breaking", ["1"]), ("compatible", ["2", "2", "2"])]


def test_equal_pairs_are_compared_once(broker, monkeypatch):
    publish(broker, "1", FIRST)
    publish(broker, "2", WIDER)
    publish(broker, "3", FIRST)
    monkeypatch.setattr(JudgingProcess, "check", lambda *_: pytest.fail("compared again"))

    answer = publish(broker, "4", WIDER)

    assert answer.status_code == 200
    assert compared(answer)[0][0] == "compatible"


def test_what_takes_too_long_is_unknown_and_is_published(broker, monkeypatch):
    def slow(process, *_):
        process.end()
        raise TookTooLongError

    publish(broker, "1", FIRST)
    monkeypatch.setattr(JudgingProcess, "check", slow)
    monkeypatch.setattr(compatibility, "SECONDS", 5.0)
    broker.put(POLICY, json={"incompatible": "refuse"})

    answer = publish(broker, "2", BREAKING)

    assert answer.status_code == 200
    assert compared(answer) == [("unknown", ["1", "1"])]
    assert any("there was no time left" in notice["text"] for notice in answer.json["notices"])


def test_what_was_not_compared_is_not_found(broker):
    publish(broker, "1", FIRST)

    answer = broker.get("/pacticipants/Orders/service-contracts/abc/compatibility/def")

    assert answer.status_code == 404
    assert answer.json == {"error": "The documents abc and def of Orders have not been compared"}


def publish_named(broker, version, documents):
    body = {"pacticipantName": "Orders", "pacticipantVersionNumber": version, "branch": "main"}
    listed = [{"name": name, "content": content} for name, content in documents.items()]
    return broker.post(PUBLISH, json={**body, "documents": listed})


def publish_two(broker, version, *names):
    return publish_named(broker, version, {name: TWO[name] for name in names})


TWO = {
    "http": FIRST,
    "events": an_openapi({"/events/{id}": {"get": an_operation(operationId="event")}}),
}


def lacking(answer):
    return [notice["text"] for notice in answer.json["notices"] if "has no document" in notice["text"]]


def test_a_document_that_only_earlier_versions_have_is_told(broker):
    publish_two(broker, "1", "http", "events")
    deploy(broker, "1")

    answer = publish_two(broker, "2", "http")

    (told,) = lacking(answer)
    assert told == (
        "  2 has no document 'events' as there is with 1 (on its branch), 1 (on main), 1 (in production): "
        "publish it with 2 too, unless the service has given it up"
    )
    assert answer.json["lacking"] == [
        {
            "document": "events",
            "versions": [{"number": "1"}, {"number": "1"}, {"number": "1", "environment": "production"}],
        }
    ]


def test_what_a_later_publication_adds_is_lacking_no_more_even_where_the_policy_refuses(broker):
    publish_two(broker, "1", "http", "events")
    broker.put(POLICY, json={"incompatible": "refuse"})

    first, second = publish_two(broker, "2", "http"), publish_two(broker, "2", "events")

    assert (first.status_code, len(lacking(first))) == (200, 1)
    assert (second.status_code, lacking(second), second.json["lacking"]) == (200, [], [])


def test_a_document_that_nobody_compares_is_not_lacking(broker):
    publish_two(broker, "1", "http", "events")
    broker.put(POLICY, json={"documents": [{"name": "events", "mode": "none"}]})

    assert lacking(publish_two(broker, "2", "http")) == []


def compatibilities(broker, version):
    documents = broker.get(f"/pacticipants/Orders/versions/{version}/service-contracts").json
    return broker.get(documents["_links"]["tally:compatibilities"]["href"])


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_a_version_lists_what_its_documents_were_compared_with(broker):
    publish_two(broker, "1", "http", "events")
    deploy(broker, "1")
    publish_named(broker, "2", {"http": WIDER})
    publish_named(broker, "3", {"http": BREAKING})

    listed = compatibilities(broker, "3").json

    found = listed["_embedded"]["compatibilities"]
    assert [(item["document"], item["verdict"], item["mode"], item["versions"]) for item in found] == [
        ("http", "breaking", "service", [{"number": "1", "environment": "production"}]),
        ("http", "breaking", "service", [{"number": "2"}]),
    ]
    shown = broker.get(found[0]["_links"]["self"]["href"]).json
    assert (shown["verdict"], bool(shown["changes"])) == ("breaking", True)


def test_the_list_has_pages_and_a_first_version_an_empty_one(broker):
    publish(broker, "1", FIRST)
    publish(broker, "2", WIDER, branch="other")
    publish(broker, "3", BREAKING, branch="other")

    first = compatibilities(broker, "1").json["_embedded"]["compatibilities"]
    url = "/pacticipants/Orders/versions/3/service-contract/compatibilities"
    page = broker.get(f"{url}?pageSize=1&pageNumber=2").json

    assert first == []
    assert [item["versions"] for item in page["_embedded"]["compatibilities"]] == [[{"number": "2"}]]
    assert page["page"]["totalElements"] == 2
    assert broker.get(url.replace("/3/", "/9/")).status_code == 404


def test_the_page_of_a_version_says_what_it_was_compared_with(broker):
    publish(broker, "1", FIRST)
    deploy(broker, "1")
    publish(broker, "2", BREAKING)

    page = Page(broker.get("/pacticipants/Orders/versions/2", headers=A_BROWSER))

    assert "Compared with other versions" in page.text
    assert "openapi 1 production breaking" in page.text


def test_the_list_costs_as_many_statements_whatever_the_history(broker):
    for number in range(1, 4):
        publish(broker, str(number), answering(id="integer", **{f"more{number}": "string"}))
    with sql_statements() as few:
        compatibilities(broker, "3")
    for number in range(4, 9):
        publish(broker, str(number), answering(id="integer", **{f"more{number}": "string"}))
    with sql_statements() as many:
        compatibilities(broker, "8")

    assert len(many) == len(few) <= 11
