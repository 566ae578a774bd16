"""A query of GraphQL is the same however it is laid out."""

import re

import pytest

from consumer_sdk import DeclarationError, bodies, match
from consumer_sdk.declarations import HttpDeclaration
from consumer_sdk.documents import interaction_document
from tally.matching import match_request
from tally.pact import Request, read_body
from tally.pact.http_parts import read_request

QUERY = """
query OrderById($id: ID!, $first: Int = 3) {
  order(id: $id) {
    id
    total: price(currency: EUR) @include(if: true)
    items(first: $first, where: {tag: "a b", sizes: [1, 2]}) { sku quantity }
    ... on Gift { note }
    ...Parts
  }
}
"""


def accepts(declared, sent):
    return match.regex(declared, bodies.graphql(declared)["query"].attributes["regex"]) and bool(
        re.fullmatch(bodies.graphql(declared)["query"].attributes["regex"], sent)
    )


def test_white_space_and_commas_do_not_matter():
    on_one_line = " ".join(QUERY.split())
    tight = re.sub(r"\s*([{}()\[\]:,!=@$]|\.\.\.)\s*", r"\1", on_one_line)
    with_commas = QUERY.replace("sku quantity", "sku, quantity,").replace("(id: $id)", " ( id:$id, ) ")

    for sent in (QUERY, on_one_line, tight, with_commas):
        assert accepts(QUERY, sent), sent
        assert accepts(sent, QUERY), sent


@pytest.mark.parametrize(
    "other",
    [
        QUERY.replace("sku", "name"),
        QUERY.replace("quantity", ""),
        QUERY.replace("quantity", "quantity name"),
        QUERY.replace("ID!", "ID"),
        QUERY.replace("OrderById", "Order"),
        QUERY.replace("sku quantity", "skuquantity"),
        QUERY.replace('"a b"', '"ab"'),
        QUERY.replace("EUR", "USD"),
        "query X {}",
    ],
)
def test_another_query_is_another(other):
    assert not accepts(QUERY, other)


def test_the_order_of_fields_does_not_matter_in_small_selections():
    declared = "{ order { id total items { sku name } customer { mail } } }"

    assert accepts(declared, "{order{customer{mail} items{name,sku} total id}}")
    assert not accepts(declared, "{order{customer{mail} items{name,sku} total}}")
    assert not accepts(declared, "{order{customer{mail} items{name,sku} total total}}")


def test_a_large_selection_has_the_declared_order():
    assert accepts("{a b c d e}", "{ a, b, c, d, e }")
    assert not accepts("{a b c d e}", "{b a c d e}")


def test_the_query_is_judged_with_its_variables_and_its_operation():
    body = bodies.graphql("query A($id: ID!) { order(id: $id) { id } }", {"id": match.like("7")}, "A")
    declared = HttpDeclaration("it").with_request("POST", "/graphql", body=body).will_respond_with(200)
    expected = read_request(interaction_document(declared, "V4"), "", "4.0")

    def sent(variables, name="A"):
        query = "query A($id:ID!){order(id:$id){id}}"
        content = f'{{"query":"{query}","variables":{variables},"operationName":"{name}"}}'
        body = read_body(content.encode(), "application/json")
        return match_request(
            expected, Request("POST", "/graphql", headers={"content-type": ("application/json",)}, body=body)
        )

    assert sent('{"id": "8"}') == ()
    assert [found.path for found in sent('{"id": 8}', "B")] == ["$.operationName", "$.variables.id"]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("query A", "selects nothing; give a query with braces"),
        ("{ a ", "the query ends before '}'"),
        ("{ a { } }", "has a selection without fields"),
        ("{ a ) }", r"the query closes '\)', which is not open"),
        ("{ a ` }", "cannot be read from '` }' on"),
    ],
)
def test_what_is_no_query_is_refused(query, says):
    with pytest.raises(DeclarationError, match=says):
        bodies.graphql(query)
