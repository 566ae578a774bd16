"""Publishing one pact by PUT and PATCH."""

import pytest
from support.factories import a_message, a_message_pact, a_pact, an_interaction

from broker.app import create_app
from broker.settings.settings import Settings
from tally.hashing import content_hash, interaction_id

BETWEEN = "/pacts/provider/Orders/consumer/Shop"
FIRST = f"{BETWEEN}/version/1"
ALIASES = (
    f"{BETWEEN}/version/1",
    f"{BETWEEN}/versions/1",
    "/pact/provider/Orders/consumer/Shop/version/1",
)
HTTP_404 = {"status": 404}
# The worked example of the hash (reference §5.5).
WORKED = {
    "consumer": {"name": "Foo"},
    "provider": {"name": "Bar"},
    "interactions": [
        {
            "description": "b",
            "request": {"path": "/b", "method": "GET"},
            "response": {"status": 200},
        },
        {
            "description": "a",
            "request": {"method": "GET", "path": "/a"},
            "response": {"status": 200},
        },
    ],
    "metadata": {"pactSpecification": {"version": "2.0.0"}},
}
WORKED_URL = "/pacts/provider/Bar/consumer/Foo/version/1"


@pytest.fixture
def lenient_broker(database):
    """A broker that lets a version's pact change."""
    return create_app(Settings(allow_dangerous_contract_modification=True), database).test_client()


def content(pact):
    return {key: value for key, value in pact.items() if key not in {"createdAt", "_links"}}


def without_ids(pact):
    interactions = [
        {key: value for key, value in item.items() if key != "_id"} for item in pact["interactions"]
    ]
    return {**content(pact), "interactions": interactions}


@pytest.mark.parametrize("url", ALIASES)
def test_a_pact_is_created_and_read_at_each_of_its_addresses(broker, url):
    created = broker.put(url, json=a_pact())

    assert created.status_code == 201
    assert "Location" not in created.headers
    assert without_ids(created.json) == a_pact()
    assert [broker.get(alias).json for alias in ALIASES] == [created.json] * 3


def test_publishing_creates_what_is_missing(broker):
    broker.put(FIRST, json=a_pact())

    paths = ("/pacticipants/Shop", "/pacticipants/Orders", "/pacticipants/Shop/versions/1")
    assert [broker.get(path).status_code for path in paths] == [200] * 3


def test_the_content_and_its_interactions_have_the_ids_of_a_pact_broker(broker):
    pact = broker.put(WORKED_URL, json=WORKED).json

    assert pact["_links"]["pb:pact-version"]["name"] == "915e3d41013ba920d9eb5f031e941efc203b3d3d"
    assert [item["_id"] for item in pact["interactions"]] == [
        "8ec798591405e421830e6b8b2a53b4bffbc1f46a",
        "700695f90348caa11656e254b05dbfde03269892",
    ]


def test_messages_have_ids_and_an_id_that_is_there_is_kept(broker):
    pact = broker.put(FIRST, json=a_message_pact(a_message("x"), {"_id": "mine", **a_message("y")})).json

    assert [item["_id"] for item in pact["messages"]] == [interaction_id(a_message("x")), "mine"]


def test_numbers_and_letters_come_back_as_they_were_sent(broker):
    text = '{"interactions":[{"_id":"1","n":[12345678901234567890123,1.0,1.5e300],"é":"ü \\u0000 😀"}]}'

    answer = broker.put(FIRST, data=text.encode(), content_type="application/json")

    assert '"n":[12345678901234567890123,1.0,1.5' in answer.get_data(as_text=True)
    assert answer.json["interactions"][0]["é"] == "ü \x00 😀"


def test_the_same_again_is_no_new_revision(broker):
    first = broker.put(FIRST, json=a_pact())
    reordered = dict(reversed(a_pact(metadata={"pactSpecification": {"version": "3.0.0"}, "x": 1}).items()))

    again = broker.put(FIRST, json=reordered)

    assert again.status_code == 200
    assert again.json == first.json


def test_a_downloaded_pact_can_be_published_again(broker):
    downloaded = broker.put(FIRST, json=a_pact()).json

    again = broker.put(FIRST, json=downloaded)
    other = broker.put(f"{BETWEEN}/version/2", json=downloaded)

    assert again.json == downloaded
    assert content(other.json) == content(downloaded)
    assert other.json["_links"]["pb:pact-version"] == downloaded["_links"]["pb:pact-version"]


def test_other_content_is_refused(broker):
    broker.put(FIRST, json=a_pact())

    answer = broker.put(FIRST, json=a_pact(an_interaction(response=HTTP_404)))

    assert answer.status_code == 409
    assert "differs from what was published before" in answer.json["error"]
    assert broker.get(FIRST).json["interactions"][0]["response"]["status"] == 200


def test_a_broker_may_be_told_to_let_content_change(lenient_broker):
    lenient_broker.put(FIRST, json=a_pact())

    answer = lenient_broker.put(FIRST, json=a_pact(an_interaction(response=HTTP_404)))

    assert answer.status_code == 200
    assert lenient_broker.get(FIRST).json["interactions"][0]["response"]["status"] == 404


def test_a_patch_creates_a_pact_or_merges_into_it(broker):
    created = broker.patch(FIRST, json=a_pact(an_interaction("a")))
    changed = an_interaction("a", response=HTTP_404)

    merged = broker.patch(FIRST, json=a_pact(changed, an_interaction("b"), metadata={"ignored": True}))

    assert (created.status_code, merged.status_code) == (201, 200)
    assert [(item["description"], item["response"]["status"]) for item in merged.json["interactions"]] == [
        ("a", 404),
        ("b", 200),
    ]
    assert merged.json["metadata"] == a_pact()["metadata"]
    sha = content_hash(a_pact(changed, an_interaction("b")))
    assert merged.json["_links"]["pb:pact-version"]["name"] == sha


def test_interactions_in_other_states_stand_side_by_side(broker):
    broker.patch(FIRST, json=a_pact(an_interaction(providerStates=[{"name": "empty"}])))

    merged = broker.patch(FIRST, json=a_pact(an_interaction(response=HTTP_404)))

    assert merged.status_code == 200
    assert len(merged.json["interactions"]) == 2


@pytest.mark.parametrize(
    "change", [{"method": "PUT"}, {"path": "/x"}, {"query": "a=1"}, {"headers": {"A": "1"}}, {"body": None}]
)
def test_a_patch_with_another_request_is_refused(broker, change):
    broker.patch(FIRST, json=a_pact())
    request = {**an_interaction()["request"], **change}

    answer = broker.patch(FIRST, json=a_pact(an_interaction(request=request)))

    assert answer.status_code == 409
    assert "'a request for order 1' is already there with another request" in answer.json["error"]


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ({"a": 1}, a_pact(), "what was published before has no interactions"),
        (a_pact(), {"a": 1}, "what is published now has no interactions"),
        ([1], a_pact(), "only JSON objects can be merged"),
    ],
)
def test_only_pacts_can_be_merged(broker, first, second, reason):
    broker.put(FIRST, json=first)

    refused = broker.patch(FIRST, json=second)

    assert refused.status_code == 409
    assert f"cannot be merged: {reason}." in refused.json["error"]
    assert broker.get(FIRST).status_code == 200


@pytest.mark.parametrize("body", [{}, {"some": "other content"}, {"interactions": None}, {"messages": "x"}])
def test_any_object_may_be_published(broker, body):
    created = broker.put(FIRST, json=body)

    assert created.status_code == 201
    assert content(created.json) == body
    assert created.json["_links"]["self"]["href"] == f"http://localhost{FIRST}"
    assert broker.put(FIRST, json=body).status_code == 200


def test_an_array_is_returned_without_links(broker):
    assert broker.put(FIRST, json=[{"a": 1}, 2]).json == [{"a": 1}, 2]
    assert broker.get(FIRST).json == [{"a": 1}, 2]


def test_keys_in_another_order_are_other_content_unless_it_is_a_pact(broker):
    broker.put(FIRST, data='{"a": 1, "b": 2}', content_type="application/json")

    answer = broker.put(FIRST, data='{"b": 2, "a": 1}', content_type="application/json")

    assert answer.status_code == 409
    assert answer.json["error"].count("\n") == 0


@pytest.mark.parametrize(
    ("url", "body", "errors"),
    [
        (FIRST, a_pact(consumer="Other"), {"consumer.name": "'Other' does not match the consumer name"}),
        (FIRST, a_pact(provider="Other"), {"provider.name": "'Other' does not match the provider name"}),
        (FIRST, {"consumer": {"name": 5}}, {"consumer.name": "'5' does not match the consumer name"}),
        ("/pacts/provider/%20/consumer/Shop/version/1", {}, {"provider.name": "cannot be blank"}),
        ("/pacts/provider/Orders/consumer/%20/version/1", {}, {"consumer.name": "cannot be blank"}),
        (f"{BETWEEN}/version/%20", {}, {"consumer_version_number": "cannot be blank"}),
    ],
)
def test_names_that_cannot_be_are_refused_by_field(broker, url, body, errors):
    answer = broker.put(url, json=body)

    assert answer.status_code == 400
    assert list(answer.json["errors"]) == list(errors)
    assert all(answer.json["errors"][field][0].startswith(text) for field, text in errors.items())
    assert broker.get("/pacticipants").json["_embedded"]["pacticipants"] == []


@pytest.mark.parametrize(
    "body", [b"", b"{", b"1", b'"x"', b"null", b'{"a": NaN}', b'{"\xff": 1}', b"[" * 51 + b"]" * 51]
)
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_what_is_no_json_object_or_array_is_refused(broker, method, body):
    answer = broker.open(FIRST, method=method, data=body, content_type="application/json")

    assert answer.status_code == 400
    assert answer.json["error"]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_another_content_type_is_refused(broker, method):
    assert broker.open(FIRST, method=method, data="{}", content_type="text/plain").status_code == 415


def test_a_name_that_resembles_another_is_refused_in_plain_text(broker):
    broker.put(FIRST, json=a_pact())

    answer = broker.put("/pacts/provider/order-service/consumer/Shop/version/1", json={})

    assert answer.status_code == 409
    assert answer.mimetype == "text/plain"
    assert "'Orders'" in answer.text
    assert "'order-service'" in answer.text
    assert broker.get("/pacticipants/order-service").status_code == 404
