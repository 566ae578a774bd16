import json
import re
from pathlib import Path

import pytest
import requests

from consumer_sdk import ConflictError, MismatchError, Recorder, match


def serves_an_order(orders, **request):
    return (
        orders.upon_receiving("a request").with_request("GET", "/orders/7", **request).will_respond_with(200)
    )


def test_a_served_request_is_recorded_with_states_and_rules(answered, orders, pact):
    (
        orders.upon_receiving("a request for an order")
        .given("an order exists", id=7)
        .given("the shop is open", {"opening-hour": 9})
        .with_request("get", "/orders/7", headers={"Accept": "application/json"})
        .will_respond_with(200, body={"id": match.integer(7)})
    )

    with answered(orders) as url:
        answer = requests.get(f"{url}/orders/7", headers={"Accept": "application/json"}, timeout=5)

    assert (answer.status_code, answer.json()) == (200, {"id": 7})
    document = pact()
    assert document["metadata"]["pactSpecification"] == {"version": "4.0"}
    (interaction,) = document["interactions"]
    assert interaction["providerStates"] == [
        {"name": "an order exists", "params": {"id": 7}},
        {"name": "the shop is open", "params": {"opening-hour": 9}},
    ]
    assert interaction["request"]["method"] == "GET"
    assert interaction["response"]["matchingRules"]["body"]["$.id"]["matchers"] == [{"match": "integer"}]


def test_version_3_of_the_specification_can_be_chosen(answered, recordings, pact):
    orders = Recorder("Shop", "Orders", recordings, specification="V3")
    serves_an_order(orders)

    with answered(orders) as url:
        requests.get(f"{url}/orders/7", timeout=5)

    assert pact()["metadata"]["pactSpecification"] == {"version": "3.0.0"}


@pytest.mark.parametrize(
    ("matcher", "example", "rules"),
    [
        (match.like("x"), "x", {"$.it": [{"match": "type"}]}),
        (match.each_like(1), [1], {"$.it": [{"match": "type", "min": 1}]}),
        (match.each_like(1, minimum=2, maximum=3), [1, 1], {"$.it": [{"match": "type", "min": 2, "max": 3}]}),
        (match.each_like(1, minimum=0), [1], {"$.it": [{"match": "type", "min": 0}]}),
        (
            match.each_like({"id": match.integer(1)}, minimum=2),
            [{"id": 1}, {"id": 1}],
            {"$.it": [{"match": "type", "min": 2}], "$.it[*].id": [{"match": "integer"}]},
        ),
        (
            match.array_containing(match.integer(1), "x"),
            [1, "x"],
            {
                "$.it": [
                    {
                        "match": "arrayContains",
                        "variants": [
                            {
                                "index": 0,
                                "rules": {"$": {"combine": "AND", "matchers": [{"match": "integer"}]}},
                            },
                            {"index": 1, "rules": {}},
                        ],
                    }
                ]
            },
        ),
        (
            match.regex("open", "^(open|paid)$"),
            "open",
            {"$.it": [{"match": "regex", "regex": "^(open|paid)$"}]},
        ),
        (match.integer(7), 7, {"$.it": [{"match": "integer"}]}),
        (match.decimal(4.5), 4.5, {"$.it": [{"match": "decimal"}]}),
        (match.number(4), 4, {"$.it": [{"match": "number"}]}),
        (match.boolean(True), True, {"$.it": [{"match": "boolean"}]}),  # noqa: FBT003 - the example
        (match.null(), None, {"$.it": [{"match": "null"}]}),
        (match.includes("ab"), "ab", {"$.it": [{"match": "include", "value": "ab"}]}),
        (match.date("2026-01-05"), "2026-01-05", {"$.it": [{"match": "date", "format": "yyyy-MM-dd"}]}),
        (match.time("09:30:00"), "09:30:00", {"$.it": [{"match": "time", "format": "HH:mm:ss"}]}),
        (
            match.timestamp("2026-01-05T09:30:00+00:00"),
            "2026-01-05T09:30:00+00:00",
            {"$.it": [{"match": "datetime", "format": "yyyy-MM-dd'T'HH:mm:ssXXX"}]},
        ),
    ],
    ids=lambda value: getattr(value, "rule", ""),
)
def test_a_matcher_serves_its_example_and_records_its_rule(answered, orders, pact, matcher, example, rules):
    orders.upon_receiving("it").with_request("GET", "/").will_respond_with(200, body={"it": matcher})

    with answered(orders) as url:
        answer = requests.get(url, timeout=5)

    assert answer.json() == {"it": example}
    recorded = pact()["interactions"][0]["response"]["matchingRules"]["body"]
    assert {path: rule["matchers"] for path, rule in recorded.items()} == rules


@pytest.mark.parametrize("kind", [match.each_key, match.each_value])
def test_the_keys_or_the_values_of_an_object_may_share_a_rule(answered, orders, pact, kind):
    body = kind({"tea": "hot"}, match.regex("tea", "^[a-z]+$"))
    orders.upon_receiving("it").with_request("GET", "/").will_respond_with(200, body=body)

    with answered(orders) as url:
        answer = requests.get(url, timeout=5)

    assert answer.json() == {"tea": "hot"}
    (rule,) = pact()["interactions"][0]["response"]["matchingRules"]["body"]["$"]["matchers"]
    assert rule["match"] in {"eachKey", "eachValue"}
    assert rule["rules"] == [{"match": "regex", "regex": "^[a-z]+$"}]


def test_paths_query_values_and_headers_take_matchers(answered, orders, pact):
    (
        orders.upon_receiving("a page")
        .with_request(
            "GET",
            match.regex("/orders/7", r"^/orders/\d+$"),
            query={"page": match.integer(1), "tag": ["a", match.regex("b", "[abc]")], "size": 10},
            headers={"X-Trace": match.regex("t1", r"^t\d$")},
        )
        .will_respond_with(204, headers={"X-Left": match.integer(5)})
    )

    with answered(orders) as url:
        answer = requests.get(
            f"{url}/orders/99?page=3&tag=a&tag=c&size=10", headers={"X-Trace": "t9"}, timeout=5
        )

    assert (answer.status_code, answer.headers["X-Left"]) == (204, "5")
    request = pact()["interactions"][0]["request"]
    assert request["path"] == "/orders/7"
    assert request["query"] == {"page": ["1"], "tag": ["a", "b"], "size": ["10"]}


@pytest.mark.parametrize(
    ("body", "headers", "content_type"),
    [
        (b"hello", {"Content-Type": "text/plain"}, "text/plain"),
        ("hello", {}, "text/plain"),
        (b"\x00\x01", {}, "application/octet-stream"),
        (
            "a=1&b=2",
            {"content-type": "application/x-www-form-urlencoded"},
            "application/x-www-form-urlencoded",
        ),
    ],
)
def test_text_and_bytes_are_bodies_too(answered, orders, pact, body, headers, content_type):
    (
        orders.upon_receiving("a body")
        .with_request("POST", "/", body=body, headers=headers)
        .will_respond_with(200, body=body, headers=headers)
    )
    content = body.encode() if isinstance(body, str) else body

    with answered(orders) as url:
        answer = requests.post(url, data=content, headers={"Content-Type": content_type}, timeout=5)

    assert (answer.headers["Content-Type"], answer.content) == (content_type, content)
    assert pact()["interactions"][0]["request"]["body"]["contentType"] == content_type


def test_a_body_of_json_may_have_another_media_type(answered, orders, pact):
    headers = {"content-type": "application/hal+json"}
    orders.upon_receiving("it").with_request("GET", "/").will_respond_with(
        200, headers=headers, body={"a": match.integer(1)}
    )

    with answered(orders) as url:
        answer = requests.get(url, timeout=5)

    assert (answer.headers["Content-Type"], answer.json()) == ("application/hal+json", {"a": 1})
    assert pact()["interactions"][0]["response"]["body"]["contentType"] == "application/hal+json"


def test_several_requests_may_be_served_together(answered, orders, pact):
    orders.upon_receiving("one").with_request("GET", "/1").will_respond_with(200)
    orders.upon_receiving("two").with_request("GET", "/2").will_respond_with(200)

    with answered(orders) as url:
        requests.get(f"{url}/1", timeout=5)
        requests.get(f"{url}/2", timeout=5)

    assert [interaction["description"] for interaction in pact()["interactions"]] == ["one", "two"]


def test_a_request_that_differs_is_shown_next_to_what_is_declared(answered, orders, recordings, tmp_path):
    (
        orders.upon_receiving("a new order")
        .with_request("POST", "/orders", body={"customer": "Ada", "quantity": match.integer(2)})
        .will_respond_with(201)
    )

    with pytest.raises(MismatchError) as failure, answered(orders) as url:
        requests.post(f"{url}/orders?dry=1", json={"customer": "Bob", "quantity": "2"}, timeout=5)

    text = str(failure.value)
    assert text.startswith("Sent, but not as declared: POST /orders?dry=1\n")
    assert '  closest   POST /orders ("a new order")\n' in text
    rows = [re.split(r" +│ ", line) for line in text.splitlines() if "│" in line]
    assert rows == [
        ["    declared", "sent"],
        ["  ≠ query dry: nothing", "1"],
        ["    {", "{"],
        ['  ≠   "customer": "Ada"', '  "customer": "Bob"'],
        ['  ≠   "quantity": 2', '  "quantity": "2"'],
        ["    }", "}"],
    ]
    assert 'body $.quantity: Expected an integer at $.quantity, but got "2"' in text
    assert f"declared  {__file__.removeprefix(f'{Path.cwd()}/')}:" in text
    assert recordings.write(tmp_path / "pacts") == {}


def test_a_request_of_another_content_type_is_told_so(answered, orders):
    orders.upon_receiving("it").with_request("POST", "/", body={"a": 1}).will_respond_with(200)

    with pytest.raises(MismatchError) as failure, answered(orders) as url:
        requests.post(url, data="a", headers={"Content-Type": "text/plain"}, timeout=5)

    assert re.search(r"≠ content type: application/json +│ text/plain", str(failure.value))


def test_a_request_that_nobody_declared_is_shown_with_its_body_and_what_is_declared(answered, orders):
    serves_an_order(orders, query={"full": "yes"})

    with pytest.raises(MismatchError) as failure, answered(orders) as url:
        requests.delete(f"{url}/orders/8?really=yes", json={"why": "changed my mind"}, timeout=5)

    text = str(failure.value)
    assert "Sent, but not declared: DELETE /orders/8?really=yes" in text
    assert 'body: {"why": "changed my mind"}' in text
    assert 'declared is  GET /orders/7?full=yes ("a request")' in text
    assert 'Declared, but not sent: GET /orders/7?full=yes ("a request")' in text


def test_a_request_that_is_not_sent_is_missed(answered, orders):
    serves_an_order(orders)

    with (
        pytest.raises(MismatchError, match=r'Declared, but not sent: GET /orders/7 \("a request"\)'),
        answered(orders),
    ):
        pass


def test_a_mismatch_is_the_reason_when_the_consumer_stumbles_over_the_answer(orders):
    serves_an_order(orders)

    with (
        pytest.raises(MismatchError, match="Sent, but not declared: GET /nowhere") as failure,
        orders.serve() as url,
    ):
        requests.get(f"{url}/nowhere", timeout=5).raise_for_status()

    assert isinstance(failure.value.__cause__, requests.HTTPError)


def test_an_error_of_the_consumer_before_it_sends_anything_stays_what_it_is(
    answered, orders, recordings, tmp_path
):
    serves_an_order(orders)

    with pytest.raises(ZeroDivisionError), answered(orders):
        _ = 1 / 0

    assert recordings.write(tmp_path / "pacts") == {}


TEXTS_LIKE_MATCHERS = (
    '{"id":"a","more":"b"}',
    ' {"value":"z"}',
    '{"pact:matcher:type":"regex","regex":"a+","value":"aaa"}',
    "{",
    "{}",
    '"abc"',
    "[1,2]",
    "1.50",
)


@pytest.mark.parametrize("text", TEXTS_LIKE_MATCHERS)
def test_the_text_of_an_object_is_a_text_everywhere(answered, orders, pact, text):
    text = text.strip()
    orders.upon_receiving("x").with_request(
        "GET", "/x", headers={"X-Info": text}, query={"q": [text, "2"]}
    ).will_respond_with(200, headers={"X-Info": text})

    with answered(orders) as url:
        answer = requests.get(f"{url}/x", params={"q": [text, "2"]}, headers={"X-Info": text}, timeout=5)

    assert answer.headers["X-Info"] == text
    (interaction,) = pact()["interactions"]
    assert interaction["request"]["headers"] == {"X-Info": [text]}
    assert interaction["request"]["query"] == {"q": [text, "2"]}
    assert interaction["response"]["headers"] == {"X-Info": [text]}
    assert "matchingRules" not in interaction["request"]


@pytest.mark.parametrize(
    ("consumer", "provider", "file"),
    [
        ("@acme/web", "Stock", "@acme_web-Stock.json"),
        ("../../web", "a/b/../c", "_._.._web-a_b_.._c.json"),
        ("a\\b", "c:d", "a_b-c_d.json"),
    ],
)
def test_names_that_look_like_paths_stay_names(answered, recordings, tmp_path, consumer, provider, file):
    pair = Recorder(consumer, provider, recordings)
    pair.upon_receiving("x").with_request("GET", "/x").will_respond_with(200)
    with answered(pair) as url:
        requests.get(f"{url}/x", timeout=5)

    recordings.write(tmp_path / "pacts")

    (path,) = (tmp_path / "pacts").iterdir()
    document = json.loads(path.read_text())
    assert path.name == file
    assert (document["consumer"], document["provider"]) == ({"name": consumer}, {"name": provider})


def test_one_description_with_two_contents_names_both_lines_before_anything_is_sent(orders):
    serves_an_order(orders)
    serves_an_order(orders, query={"full": "yes"})

    with (
        pytest.raises(ConflictError, match=r"first at   .*test_recording\.py:\d+\n  then at "),
        orders.serve(),
    ):
        pass
