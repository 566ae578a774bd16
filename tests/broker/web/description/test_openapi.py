"""The description of the API says what there is: no less, and no more."""

import re

import pytest
from jsonschema import Draft202012Validator

from broker.app import create_app
from broker.settings import Settings
from broker.web.description.openapi import described
from broker.web.description.operations import OPERATIONS
from broker.web.description.parameters import IN_PATH, IN_QUERY


@pytest.fixture
def app(database):
    return create_app(Settings(), database)


@pytest.fixture
def description(app):
    return app.test_client().get("/openapi.json").json


def operations(description):
    return [operation for path in description["paths"].values() for operation in path.values()]


def test_every_route_is_described(app):
    routed = {rule.endpoint for rule, _ in described(app.url_map)}

    assert routed - OPERATIONS.keys() == set()


def test_nothing_is_described_that_does_not_exist(app):
    routed = {rule.endpoint for rule, _ in described(app.url_map)}

    assert OPERATIONS.keys() - routed == set()


def test_every_view_says_in_a_line_what_it_does(description):
    assert [item["operationId"] for item in operations(description) if not item["summary"]] == []


def test_every_parameter_is_described_and_each_description_is_used(description):
    used = {
        (item["in"], item["name"])
        for operation in operations(description)
        for item in operation["parameters"]
    }

    assert {name for kind, name in used if kind == "path"} == IN_PATH.keys()
    assert {name for kind, name in used if kind == "query"} == IN_QUERY.keys()


def test_no_two_operations_share_an_identifier(description):
    identifiers = [operation["operationId"] for operation in operations(description)]

    assert len(identifiers) == len(set(identifiers))


def test_every_reference_leads_to_a_schema_that_is_one_and_each_schema_is_used(description):
    schemas = description["components"]["schemas"]
    used = set(re.findall(r'"#/components/schemas/(\w+)"', repr(description).replace("'", '"')))

    for item in schemas.values():
        Draft202012Validator.check_schema(item)
    assert used == schemas.keys()


def test_links_of_the_description_begin_with_the_address_of_the_broker(database):
    mounted = create_app(Settings(base_url="https://contracts.example.org/broker"), database).test_client()

    servers = mounted.get("/openapi.json").json["servers"]

    assert servers == [{"url": "https://contracts.example.org/broker"}]
