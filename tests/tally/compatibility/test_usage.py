"""A change that nobody uses breaks nobody."""

from dataclasses import replace

import pytest
from support.contract_documents import a_response, an_openapi

from tally.compatibility.documents import compare_versions, read_version
from tally.compatibility.model import Rules, Verdict
from tally.compatibility.usage import with_usage
from tally.usage.places import parse_place

OK = {"200": {"description": ""}}


def an_order(**properties):
    return {"type": "object", "required": sorted(properties), "properties": properties}


def compared(old, new):
    return compare_versions(read_version("old", old), read_version("new", new), Rules())


def answers(schema, **schemas):
    paths = {"/orders": {"get": {"responses": {"200": a_response(schema)}}}}
    return an_openapi(paths, components={"schemas": schemas})


def users_of(*texts):
    used = [parse_place(text) for text in texts]
    return lambda place: any(place.touches(each) or each.touches(place) for each in used)


REMOVED = compared(answers(an_order(id=True, email=True)), answers(an_order(id=True)))


def test_what_nobody_uses_breaks_nobody():
    found = with_usage(REMOVED, users_of("GET /orders 200 $.id"))

    assert found.verdict is Verdict.BREAKING_BUT_UNUSED
    assert [change.is_unused for change in found.changes] == [True]
    assert found.as_json()["changes"][0]["unused"] is True


@pytest.mark.parametrize("used", ["GET /orders 200 $.email", "GET /orders 200 $"])
def test_what_somebody_uses_breaks_them(used):
    assert with_usage(REMOVED, users_of(used)).verdict is Verdict.BREAKING


def test_a_change_whose_place_is_not_known_counts_as_used():
    unplaced = replace(REMOVED, changes=tuple(replace(change, place=None) for change in REMOVED.changes))

    assert with_usage(unplaced, users_of()).verdict is Verdict.BREAKING


def test_what_must_be_there_in_every_version_breaks_whoever_uses_it():
    paths = {"/a": {"get": {"responses": OK, "x-contract-required": True}}, "/b": {"get": {"responses": OK}}}
    found = compared(an_openapi(paths), an_openapi({"/b": paths["/b"]}))

    assert with_usage(found, users_of()).verdict is Verdict.BREAKING


def test_what_has_to_be_sent_from_now_on_concerns_all_who_send_something():
    def document(schema):
        body = {"required": True, "content": {"application/json": {"schema": schema}}}
        return an_openapi({"/orders": {"post": {"requestBody": body, "responses": OK}}})

    for new in (an_order(id=True, sku=True), {**an_order(id=True), "required": ["id", "sku"]}):
        found = compared(document(an_order(id=True)), document(new))

        assert with_usage(found, users_of("POST /orders request $.id")).verdict is Verdict.BREAKING


def test_a_change_deep_in_what_contains_itself_is_felt_at_every_depth():
    def tree(name):
        node = {**an_order(name=name, inner={"$ref": "#/components/schemas/Node"}), "required": ["name"]}
        return answers({"$ref": "#/components/schemas/Node"}, Node=node)

    found = compared(tree({"type": "string"}), tree({"type": ["string", "null"]}))

    assert with_usage(found, users_of("GET /orders 200 $.inner.inner.name")).verdict is Verdict.BREAKING


def test_a_shared_schema_is_felt_wherever_it_is_used():
    def document(email):
        address = {"$ref": "#/components/schemas/Address"}
        return answers(an_order(home=address, work=address), Address=an_order(email=email))

    found = compared(document({"type": "string"}), document({"type": ["string", "null"]}))

    for used in ("GET /orders 200 $.home.email", "GET /orders 200 $.work.email"):
        assert with_usage(found, users_of(used)).verdict is Verdict.BREAKING
    assert with_usage(found, users_of("GET /orders 200 $.home.street")).verdict is Verdict.BREAKING_BUT_UNUSED
