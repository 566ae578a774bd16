"""What interactions use, before the document of the provider is known."""

import json

import pytest

from tally.pact import parse_pact
from tally.usage.body_paths import MOST_PATHS
from tally.usage.uses import MOST_INTERACTIONS, Uses, uses_of


def uses(*interactions, specification="4.0"):
    pact = {
        "consumer": {"name": "Shop"},
        "provider": {"name": "Orders"},
        "interactions": list(interactions),
        "metadata": {"pactSpecification": {"version": specification}},
    }
    return uses_of(parse_pact(pact))


def an_exchange(body=None, rules=None, **response):
    content = (
        {}
        if body is None
        else {"body": {"content": body, "contentType": "application/json", "encoded": False}}
    )
    return {
        "type": "Synchronous/HTTP",
        "description": "an order",
        "request": {"method": "get", "path": "/orders/7"},
        "response": {
            "status": 200,
            **content,
            **({"matchingRules": {"body": rules}} if rules else {}),
            **response,
        },
    }


def a_rule(match, **attributes):
    return {"matchers": [{"match": match, **attributes}], "combine": "AND"}


@pytest.mark.parametrize(
    ("body", "rules", "paths"),
    [
        ({"id": 7, "customer": {"email": "a@b"}}, None, ("$.customer.email", "$.id")),
        ([{"id": 1}, {"id": 2, "note": ""}], None, ("$[*].id", "$[*].note")),
        ({"items": [], "more": {}}, None, ("$.items", "$.more")),
        ("text", None, ("$",)),
        ({"unit price": 1}, None, ("$['unit price']",)),
        ({"a": {"b": 1}}, {"$": a_rule("type")}, ("$.a.b",)),
        ({"a": {"b": 1}}, {"$.a.c": a_rule("type")}, ("$.a.b", "$.a.c")),
        ({"items": [{"id": 1}]}, {"$.items[0].id": a_rule("type")}, ("$.items[*].id",)),
        ({"prices": {"EUR": 1}}, {"$.prices.*": a_rule("type")}, ("$.prices.**", "$.prices.EUR")),
        (
            {"prices": {"EUR": {"net": 1}}},
            {"$.prices": a_rule("eachValue", rules=[])},
            ("$.prices.**", "$.prices.*.net"),
        ),
        ({"prices": {"EUR": 1}}, {"$.prices": a_rule("eachKey", rules=[])}, ("$.prices.**", "$.prices.*")),
        ({"prices": {"EUR": 1}}, {"$.prices": a_rule("values")}, ("$.prices.**", "$.prices.*")),
    ],
)
def test_the_properties_of_the_example_and_of_the_rules_are_used(body, rules, paths):
    (use,) = uses(an_exchange(body, rules)).uses

    assert use.response == paths


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ({"content": "<a/>", "contentType": "application/xml", "encoded": False}, ("$.**",)),
        ({"content": "AAE=", "contentType": "application/octet-stream", "encoded": "base64"}, ("$.**",)),
        ({"content": "plain", "contentType": "text/plain", "encoded": False}, ("$.**",)),
        (
            {"content": "a=1&b=2", "contentType": "application/x-www-form-urlencoded", "encoded": False},
            ("$.a", "$.b"),
        ),
        (
            {"content": {f"p{n}": 1 for n in range(MOST_PATHS + 1)}, "contentType": "application/json"},
            ("$.**",),
        ),
    ],
)
def test_content_whose_parts_cannot_be_told_is_used_whole(body, paths):
    (use,) = uses(an_exchange() | {"response": {"status": 200, "body": body}}).uses

    assert use.response == paths


def test_statuses_headers_query_and_cookies_are_used():
    exchange = an_exchange(
        headers={"ETag": ["1"]},
        matchingRules={
            "status": {"matchers": [{"match": "statusCode", "status": "success"}]},
            "header": {"X-Rate": a_rule("type")},
        },
    )
    exchange["request"] |= {
        "path": "/orders/7?x=1",
        "query": {"page": ["1"]},
        "headers": {"Cookie": ["session=1; theme=dark", "cart[]:7; träger=a b"], "X-Tenant": ["a"]},
        "matchingRules": {
            "query": {"size[0]": a_rule("type")},
            "path": a_rule("regex", regex=r"/orders/\d+"),
        },
    }

    (use,) = uses(exchange).uses

    assert (use.method, use.path, use.pattern) == ("GET", "/orders/7", r"/orders/\d+")
    assert use.statuses == ("200", "2XX")
    assert use.response_headers == ("etag", "x-rate")
    assert use.query == ("page", "size")
    assert use.headers == ("cookie", "x-tenant")
    assert use.cookies == ("cart[]", "session", "theme", "träger")


def test_messages_use_their_content_and_metadata():
    message = {
        "type": "Asynchronous/Messages",
        "description": "an order was paid",
        "contents": {"content": {"id": 7}, "contentType": "application/json", "encoded": False},
        "metadata": {"topic": "orders.paid", "contentType": "application/json"},
        "comments": {"references": {"AsyncAPI": {"operationId": "orderPaid"}}},
    }
    exchange = {
        "type": "Synchronous/Messages",
        "description": "a quote",
        "request": {
            "contents": {"content": {"sku": "tea"}, "contentType": "application/json", "encoded": False}
        },
        "response": [
            {"contents": {"content": {"price": 1}, "contentType": "application/json", "encoded": False}}
        ],
    }

    paid, quote = uses(message, exchange).uses

    assert (paid.kind, paid.operation, paid.channels) == (
        "message",
        "orderPaid",
        ("orders.paid", "application/json"),
    )
    assert (paid.headers, paid.response) == (("topic",), ("$.id",))
    assert (quote.kind, quote.request, quote.response) == ("request-reply", ("$.sku",), ("$.price",))


def test_what_needs_a_plugin_may_use_anything():
    exchange = an_exchange({"id": 1}) | {"pluginConfiguration": {"protobuf": {}}}

    (use,) = uses(exchange).uses

    assert (use.kind, use.reason) == ("anything", 'its content is of the plugin "protobuf"')


def test_a_pact_with_too_many_interactions_may_use_anything():
    (use,) = uses(*[an_exchange()] * (MOST_INTERACTIONS + 1)).uses

    assert use.kind == "anything"
    assert "more than 5,000 interactions" in use.reason


def test_uses_are_kept_as_json():
    known = uses(an_exchange({"id": 7}, {"$.more.*": a_rule("type")}))

    assert Uses.from_json(json.loads(json.dumps(known.as_json()))) == known
