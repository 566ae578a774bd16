"""What generated requests find: twenty faults of a provider, and none of one without."""

import json

import pytest
from support.faulty_shop import FAULTS, Shop
from support.faulty_shop_document import document

from verifier.generation.settings import PHASES, Generation
from verifier.verifier import Verifier

EVERYTHING = Generation(phases=PHASES)
FOUND = {
    "accepts-missing": ("addCustomer/invalid", "without body.email (required)"),
    "accepts-negative": ("addProduct/invalid", "body.price=-1 (minimum)"),
    "boundary": ("addCustomer/valid", "answered with 500"),
    "wrong-type": ("getProduct", "'100' is not of type 'integer'"),
    "undocumented-status": ("removeProduct", "got 202"),
    "ignored-enum": ("listProducts/invalid", "(enum)"),
    "broken-enum": ("addProduct/valid", "answered with 500"),
    "lost-header": ("placeOrder/valid", "the header Location is missing"),
    "wrong-content-type": ("getCustomer", "application/json, got text/plain"),
    "off-by-one": ("listProducts/valid", "asked for at most 1 items, got 2"),
    "null": ("addProduct/valid", "None is not of type 'string'"),
    "not-kept": ("addProduct/workflows", "price was confirmed as"),
    "large-integer": ("addProduct/valid", "answered with 500"),
    "error-media-type": ("getProduct/valid", "application/problem+json, got text/html"),
    "unknown-id": ("getCustomer/valid", "answered with 500"),
    "beyond-ascii": ("findCustomers/valid", "answered with 500"),
    "state-before": ("placeOrder/workflows", "answered with 500"),
    "left-out": ("placeOrder/valid", "answered with 500"),
    "empty": ("placeOrder/valid", "'quantity' is a required property"),
    "use-after-delete": ("addProduct/workflows", "what was deleted is still there"),
}
MOST_REQUESTS = 2500
"""Of a run with all phases, of the 14 operations of the shop, with those that find the smallest request."""
SMALLEST = {
    "boundary": {"points": 1000},
    "broken-enum": {"category": "book"},
    "large-integer": {"price": 2**63},
    "left-out": {"comment": None},
}
"""What the smallest request has, of faults that would be mistaken for others of the same operation."""


@pytest.fixture(scope="module")
def contract_file(tmp_path_factory):
    file = tmp_path_factory.mktemp("contracts") / "shop.json"
    file.write_text(json.dumps(document()))
    return file


def verified(shop, contract_file, generation=EVERYTHING):
    return Verifier(shop, generation=generation).add_service_contract(contract_file).run()


def failures(report):
    return [result for verified in report.contracts for result in verified.results if not result.passed]


class Counted:
    """A provider, and how many requests it was sent."""

    def __init__(self, provider):
        self._provider = provider
        self.requests = 0

    def __call__(self, environ, start_response):
        self.requests += 1
        return self._provider(environ, start_response)


@pytest.fixture(scope="module")
def everything_at_once(contract_file):
    shop = Counted(Shop(*FAULTS))
    return verified(shop, contract_file), shop.requests


def is_of(fault, result):
    where, text = FOUND[fault]
    body = (result.smallest or {}).get("body", {}).get("value", {})
    return (
        (result.case.id or "").startswith(where)
        and any(text in mismatch.message for mismatch in result.mismatches)
        and all(body.get(name) == value for name, value in SMALLEST.get(fault, {}).items())
    )


@pytest.mark.parametrize("fault", FAULTS)
def test_each_of_twenty_faults_is_found_beside_all_others(everything_at_once, fault):
    report, _ = everything_at_once

    assert [result for result in failures(report) if is_of(fault, result)], [
        (result.case.id, result.mismatches) for result in failures(report)
    ]


def test_they_are_found_with_few_requests(everything_at_once):
    """A request costs the verifier half a millisecond of CPU: these are what takes a second."""
    _, requests = everything_at_once

    assert requests < MOST_REQUESTS


def test_a_provider_without_faults_has_none(contract_file):
    report = verified(Shop(), contract_file)

    assert failures(report) == []
    assert report.passed


def test_the_same_seed_is_the_same_run(contract_file):
    few = Generation(phases=PHASES, most=15, seed=7)
    shops = Shop("boundary", "left-out", "state-before"), Shop("boundary", "left-out", "state-before")

    one, other = (verified(shop, contract_file, few) for shop in shops)

    assert [told(result) for result in failures(one)] == [told(result) for result in failures(other)]
    assert len(failures(one)) >= 2


def told(result):
    return result.case.description, result.sent, result.mismatches, result.smallest
