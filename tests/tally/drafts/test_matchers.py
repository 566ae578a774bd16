"""Which rules a draft infers, and which it leaves to a person."""

import json

import pytest
from support.har_files import an_entry


def rules_of(interaction, side="response"):
    rules = interaction[side]["matchingRules"]["body"]
    return {path: rule["matchers"][0] for path, rule in rules.items()}


UUID = "3fa85f64-5717-4562-b3fc-2c963f66afa6"


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (7, {"match": "integer"}),
        (13.5, {"match": "decimal"}),
        (True, {"match": "boolean"}),
        ("open", {"match": "type"}),
        ("", {"match": "type"}),
        ("2026-01-05", {"match": "date", "format": "yyyy-MM-dd"}),
        ("09:30:00", {"match": "time", "format": "HH:mm:ss"}),
        ("2026-01-05T09:30:00Z", {"match": "timestamp", "format": "yyyy-MM-dd'T'HH:mm:ssXXX"}),
        ("2026-01-05T09:30:00.123+01:00", {"match": "timestamp", "format": "yyyy-MM-dd'T'HH:mm:ss.SSSXXX"}),
        ("2026-01-05 09:30:00", {"match": "timestamp", "format": "yyyy-MM-dd HH:mm:ss"}),
        ("2026-02-30", {"match": "type"}),  # there is no such day
        ("2026-02-30T09:30:00Z", {"match": "type"}),
        ("7", {"match": "type"}),
    ],
)
def test_a_value_gets_the_rule_that_its_form_shows(drafted, value, rule):
    interaction = drafted(an_entry(answer={"value": value}))

    assert interaction["response"]["body"]["content"] == {"value": value}
    assert rules_of(interaction) == {"$.value": rule}


@pytest.mark.parametrize(
    "value", [UUID, "ada@example.org", "https://example.org/a", "507f1f77bcf86cd799439011"]
)
def test_an_identifier_or_an_address_gets_an_expression(drafted, value):
    rule = rules_of(drafted(an_entry(answer={"value": value})))["$.value"]

    assert rule["match"] == "regex"


def test_a_list_is_matched_by_type_when_its_items_agree(drafted):
    interaction = drafted(
        an_entry(answer={"items": [{"sku": "tea", "price": 1}, {"sku": "cup", "price": 2.5}]})
    )

    assert interaction["response"]["body"]["content"] == {"items": [{"sku": "tea", "price": 1}]}
    assert rules_of(interaction) == {
        "$.items": {"match": "type", "min": 1},
        "$.items[*].sku": {"match": "type"},
        "$.items[*].price": {"match": "number"},
    }


def test_what_only_some_items_have_is_left_out_and_asked_for(record_har):
    run, document = record_har(an_entry(answer=[{"sku": "tea"}, {"sku": "cup", "note": "blue"}]))

    [interaction] = document["interactions"]
    assert interaction["response"]["body"]["content"] == [{"sku": "tea"}]
    assert "$[*] has note only sometimes: left out" in run.out
    assert any("$[*] has note only sometimes" in text for text in interaction["comments"]["text"])


def test_a_list_of_several_kinds_an_empty_one_and_null_are_asked_for(record_har):
    run, document = record_har(an_entry(answer={"mixed": [1, "a"], "empty": [], "gone": None, "id": 1}))

    content = document["interactions"][0]["response"]["body"]["content"]
    assert content == {"empty": [], "gone": None, "id": 1}
    for question in (
        "$.mixed has items that are a number and a text",
        "$.empty was empty",
        "$.gone was null",
    ):
        assert question in run.out


@pytest.mark.parametrize(
    ("answer", "kept", "question"),
    [
        (
            [{"id": 1, "a": 1}, {"id": 2, "a": "x"}],
            [{"id": 1}],
            "$[*].a was a number and a text: it is left out",
        ),
        ([{"o": {"a": 1}}, {"o": None}], [{"o": {"a": 1}}], "$[*].o was sometimes null"),
        ([{"l": [1]}, {"l": None}], [{"l": [1]}], "$[*].l was sometimes null"),
        ({"id": 1, "rows": [[1, "x"]]}, {"id": 1}, "$.rows[*] has items that are a number and a text"),
    ],
)
def test_what_differs_from_item_to_item_is_asked_for(record_har, answer, kept, question):
    run, document = record_har(an_entry(answer=answer))

    assert document["interactions"][0]["response"]["body"]["content"] == kept
    assert question in run.out


@pytest.mark.parametrize(("before", "behind"), [('{"a":', "}"), ("[", "]")])
def test_what_is_nested_deeply_gets_one_rule_by_type(drafted, before, behind):
    text = before * 45 + "1" + behind * 45

    interaction = drafted(an_entry(answer=text))

    assert interaction["response"]["body"]["content"] == json.loads(text)
    rules = rules_of(interaction)
    deepest = max(rules, key=len)
    assert rules[deepest]["match"] == "type"
    assert deepest.count(".a") + deepest.count("[*]") == 41


def test_a_key_that_no_path_can_name_gets_a_rule_for_its_object(drafted):
    interaction = drafted(an_entry(answer={"plain": {"two\nlines": 1}}))

    assert interaction["response"]["body"]["content"] == {"plain": {"two\nlines": 1}}
    assert rules_of(interaction) == {"$.plain": {"match": "type"}}


def test_two_interactions_that_would_be_called_the_same_get_a_number(record_har):
    urls = [f"https://api.example.org/tea?{query}" for query in ("a=x&b=y", "a%26b=x")]

    _, document = record_har(*(an_entry(url=url) for url in urls))

    names = [each["description"] for each in document["interactions"]]
    assert names == ["GET /tea?a&b (200)", "GET /tea?a&b (200) 2"]


def test_a_body_that_is_not_always_there_is_asked_for(record_har):
    run, document = record_har(an_entry(), an_entry(answer=""))

    assert document["interactions"][0]["response"]["body"]["content"] == {"id": 7}
    assert "the body was not always there, or of another content type" in run.out


def test_a_request_that_is_no_json_is_recorded_without_its_body(record_har):
    posted = {"mimeType": "application/json", "text": "{"}
    run, document = record_har(an_entry("POST", posted=posted))

    assert "body" not in document["interactions"][0]["request"]
    assert "it says that it is JSON, but it is none" in run.out


def test_a_request_is_kept_as_it_was_sent(drafted):
    sent = {"params": [{"a": 1}, {"a": 2, "b": "x"}], "mixed": [1, "x"], "none": None}
    posted = {"mimeType": "application/json", "text": json.dumps(sent)}

    interaction = drafted(an_entry("POST", posted=posted))

    assert interaction["request"]["body"]["content"] == sent
    assert rules_of(interaction, "request") == {
        "$.params": {"match": "type", "min": 1},
        "$.params[*].a": {"match": "integer"},
        "$.params[*].b": {"match": "type"},
    }


def test_keys_that_are_data_are_not_asked_for(drafted):
    interaction = drafted(an_entry(answer={"stock": {"17": {"count": 1}, "18": {"count": 2}}}))

    assert interaction["response"]["body"]["content"] == {"stock": {"17": {"count": 1}}}
    assert rules_of(interaction) == {"$.stock": {"match": "values"}, "$.stock.*.count": {"match": "integer"}}


def test_a_value_that_is_sometimes_null_may_be_either(drafted):
    interaction = drafted(an_entry(answer=[{"paid": "2026-01-05"}, {"paid": None}]))

    rules = interaction["response"]["matchingRules"]["body"]["$[*].paid"]
    assert rules == {
        "matchers": [{"match": "date", "format": "yyyy-MM-dd"}, {"match": "null"}],
        "combine": "OR",
    }


def test_moments_that_are_written_differently_get_one_rule(drafted):
    interaction = drafted(an_entry(answer=["2026-01-05T09:30:00Z", "2026-01-05T09:30:00.12Z"]))

    assert rules_of(interaction)["$[*]"]["match"] == "regex"


def test_numbers_keep_their_digits(record_har, tmp_path):
    _, document = record_har(an_entry(answer='{"total": 13.50, "id": 123456789012345678901234567890}'))

    assert rules_of(document["interactions"][0])["$.id"] == {"match": "number"}
    text = (tmp_path / "drafts/Shop-Orders.json").read_text()
    assert '"total": 13.50' in text
    assert "123456789012345678901234567890" in text


@pytest.mark.parametrize(
    ("path", "template", "expression"),
    [
        ("/orders/7", "/orders/{id}", r"^/orders/\d+$"),
        ("/orders/7/items/8", "/orders/{id}/items/{id}", r"^/orders/\d+/items/\d+$"),
        ("/v1/days/2026-01-05", "/v1/days/{date}", r"^/v1/days/\d{4}-\d{2}-\d{2}$"),
        ("/orders/ord-17.json", "/orders/ord-{id}.json", r"^/orders/ord-\d+\.json$"),
        ("/users/ada%40example.org", "/users/{email}", r"^/users/[^/]+$"),
        ("/about", "/about", None),
        ("/a.b/7", "/a.b/{id}", r"^/a\.b/\d+$"),
    ],
)
def test_a_part_of_a_path_that_is_an_id_is_matched(drafted, path, template, expression):
    interaction = drafted(an_entry(url=f"https://api.example.org{path}"))

    rules = interaction["request"].get("matchingRules", {}).get("path")
    assert interaction["description"] == f"GET {template} (200)"
    assert interaction["request"]["path"] == path
    assert (rules and rules["matchers"]) == (expression and [{"match": "regex", "regex": expression}])


def test_a_uuid_in_a_path_is_matched(drafted):
    interaction = drafted(an_entry(url=f"https://api.example.org/orders/{UUID}"))

    assert interaction["description"] == "GET /orders/{uuid} (200)"


def test_words_in_a_query_are_kept_and_numbers_matched(drafted):
    interaction = drafted(an_entry(url="https://api.example.org/orders?status=open&page=2&tag=a&tag=b"))

    assert interaction["request"]["query"] == {"status": ["open"], "page": ["2"], "tag": ["a", "b"]}
    assert set(interaction["request"]["matchingRules"]["query"]) == {"page", "tag"}


def test_requests_for_the_same_are_one_interaction(record_har):
    run, document = record_har(
        an_entry(url="https://api.example.org/orders/7", answer={"id": 7, "note": "x"}),
        an_entry(url="https://api.example.org/orders/8", answer={"id": 8}),
        an_entry(url="https://api.example.org/orders/9", status=404, answer={"error": "no"}),
    )

    assert [each["description"] for each in document["interactions"]] == [
        "GET /orders/{id} (200)",
        "GET /orders/{id} (404)",
    ]
    assert document["interactions"][0]["response"]["body"]["content"] == {"id": 7}
    assert "GET /orders/{id} (200), 2 times" in run.out


def test_operations_of_graphql_are_told_apart_and_stay_exact(record_har):
    def operation(name):
        query = f"query {name} {{ order {{ id }} }}"
        body = {"operationName": name, "query": query, "variables": {"id": 7}}
        posted = {"mimeType": "application/json", "text": json.dumps(body)}
        return an_entry("POST", "https://api.example.org/graphql", posted=posted)

    _, document = record_har(operation("One"), operation("Two"))

    names = [each["description"] for each in document["interactions"]]
    assert names == ["POST /graphql One (200)", "POST /graphql Two (200)"]
    assert set(rules_of(document["interactions"][0], "request")) == {"$.variables.id"}


def test_headers_that_change_or_belong_to_the_transport_are_left_out(drafted):
    sent = {
        "accept": "application/json",
        "user-agent": "Mozilla/5.0",
        "traceparent": "00-1-2-01",
        "x-tenant": "eu",
    }
    got = {
        "date": "Thu, 05 Nov 2026 09:30:00 GMT",
        "server": "x",
        "content-length": "9",
        "via": "1.1 x",
        "x-request-id": "81",
        "etag": '"1"',
        "x-ratelimit-remaining": "7",
        "x-total-count": "12",
    }

    interaction = drafted(an_entry(headers=sent, response_headers=got))

    assert interaction["request"]["headers"] == {"accept": ["application/json"], "x-tenant": ["eu"]}
    assert interaction["response"]["headers"] == {
        "content-type": ["application/json"],
        "x-total-count": ["12"],
    }


def test_a_redirect_may_lead_to_any_id_and_any_host(drafted):
    headers = {"location": "https://api.example.org/orders/7"}
    interaction = drafted(
        an_entry("POST", "https://api.example.org/orders", status=201, response_headers=headers)
    )

    rules = interaction["response"]["matchingRules"]["header"]["location"]["matchers"]
    assert rules == [{"match": "regex", "regex": r"^(https?://[^/]+)?/orders/\d+$"}]
