"""Lists and texts that are too long are refused at once, with the field and the limit."""

import time

import pytest
from support.contract_documents import an_openapi
from support.factories import a_pact, a_publication, a_verification_result, an_interaction

from broker.domain import limits
from tally.hashing import content_hash

PACT = "/pacts/provider/Orders/consumer/Shop/version/1"
RESULTS = f"/pacts/provider/Orders/consumer/Shop/pact-version/{content_hash(a_pact())}/verification-results"
FOR_VERIFICATION = "/pacts/provider/Orders/for-verification"
ENVIRONMENT = {"name": "new", "production": False}
HOOK = {"request": {"url": "https://ci.example.org"}, "events": [{"name": "contract_published"}]}


def names(most):
    return [f"n{number}" for number in range(most + 1)]


def request_of_hook(**more):
    return {**HOOK, "request": {**HOOK["request"], **more}}


def interactions(most):
    return {**a_pact(), "interactions": [{"description": name} for name in names(most)]}


def service_contract(paths):
    operation = {"responses": {"200": {"description": "ok"}}}
    return {
        "pacticipantName": "Orders",
        "pacticipantVersionNumber": "1",
        "content": {**an_openapi(), "paths": {f"/{name}": {"get": operation} for name in paths}},
    }


TOO_LONG = {
    "tags of a publication": ("POST", "/contracts/publish", {**a_publication(), "tags": names(limits.TAGS)}),
    "contracts": (
        "POST",
        "/contracts/publish",
        {**a_publication(), "contracts": a_publication()["contracts"] * (limits.CONTRACTS + 1)},
    ),
    "interactions of a pact": ("PUT", PACT, interactions(limits.INTERACTIONS)),
    "interactions in a publication": (
        "POST",
        "/contracts/publish",
        a_publication(interactions(limits.INTERACTIONS)),
    ),
    "tags of a version": (
        "PUT",
        "/pacticipants/Shop/versions/1",
        {"tags": [{"name": name} for name in names(limits.TAGS)]},
    ),
    "tags of a service contract": (
        "POST",
        "/service-contracts/publish",
        {**service_contract(["a"]), "tags": names(limits.TAGS)},
    ),
    "operations of a service contract": (
        "POST",
        "/service-contracts/publish",
        service_contract(names(limits.OPERATIONS)),
    ),
    "selectors": (
        "POST",
        FOR_VERIFICATION,
        {"consumerVersionSelectors": [{"branch": name} for name in names(limits.SELECTORS)]},
    ),
    "tags of the provider": ("POST", FOR_VERIFICATION, {"providerVersionTags": names(limits.TAGS)}),
    "contacts": (
        "POST",
        "/environments",
        {**ENVIRONMENT, "contacts": [{"name": name} for name in names(limits.CONTACTS)]},
    ),
    "details of a contact": (
        "POST",
        "/environments",
        {**ENVIRONMENT, "contacts": [{"name": "x", "details": {"a": "b" * limits.DETAILS}}]},
    ),
    "events": ("POST", "/webhooks", {**HOOK, "events": HOOK["events"] * (limits.EVENTS + 1)}),
    "headers": ("POST", "/webhooks", request_of_hook(headers=dict.fromkeys(names(limits.HEADERS), "v"))),
    "body of a webhook": ("POST", "/webhooks", request_of_hook(body="${pactbroker.x} " * 20_000)),
    "values": ("POST", RESULTS, a_verification_result(testResults=[1] * limits.VALUES)),
    "values in a publication": (
        "POST",
        "/contracts/publish",
        a_publication({**a_pact(), "more": [1] * limits.VALUES}),
    ),
    "selectors of the matrix": (
        "GET",
        "/matrix?" + "&".join(f"q[][pacticipant]={name}" for name in names(limits.SELECTORS)),
        None,
    ),
    "what is ignored": (
        "GET",
        "/can-i-deploy?pacticipant=Shop&version=1&environment=test&"
        + "&".join(f"ignore[]={name}" for name in names(limits.SELECTORS)),
        None,
    ),
    "parameters": ("GET", "/matrix?" + "&".join(f"{name}=1" for name in names(limits.PARAMETERS)), None),
    "parameters of a deletion": (
        "DELETE",
        "/pacticipants/Shop/branches?" + "&".join(f"exclude[]={name}" for name in names(limits.PARAMETERS)),
        None,
    ),
    "a text of many megabytes": ("POST", "/pacticipants", {"name": "x" * 5_000_000}),
    "blanks of many megabytes": ("POST", "/pacticipants", {"name": " " * 5_000_000}),
}
NAMED = {
    "headers": "request.headers",
    "body of a webhook": "request.body",
    "values": "2000000 values",
    "values in a publication": "2000000 values",
    "operations of a service contract": "operations",
    "parameters": "1000 parameters",
    "parameters of a deletion": "1000 parameters",
}


@pytest.mark.parametrize("what", TOO_LONG)
def test_what_is_too_long_is_refused_with_its_limit(broker, what):
    broker.put(PACT, json=a_pact())
    method, path, body = TOO_LONG[what]
    began = time.process_time()

    answer = broker.open(path, method=method, json=body)

    assert answer.status_code == 400, answer.text[:500]
    assert "cannot" in answer.text or "not accepted" in answer.text
    assert NAMED.get(what, "") in answer.text
    assert len(answer.data) < 1000
    assert time.process_time() - began < 15


def test_what_is_not_known_in_a_selector_is_refused_in_few_words(broker):
    selector = {"branch" * 20_000: 1, **dict.fromkeys(names(5000), 1)}

    answer = broker.post(FOR_VERIFICATION, json={"consumerVersionSelectors": [selector]})

    assert answer.status_code == 400
    assert len(answer.data) < 10_000


def test_many_wrong_items_are_refused_in_few_words(broker):
    answer = broker.post("/contracts/publish", json={**a_publication(), "contracts": [{}] * limits.CONTRACTS})

    assert answer.status_code == 400
    assert len(answer.json["errors"]["contracts"]) == limits.MESSAGES


def test_commas_inside_texts_are_no_values(broker):
    pact = a_pact(an_interaction("csv", response={"status": 200, "body": ",[{" * limits.VALUES + '\\"'}))

    assert broker.put(PACT, json=pact).status_code == 201


def test_a_pact_cannot_be_merged_beyond_the_limit(broker):
    assert broker.put(PACT, json=interactions(limits.INTERACTIONS - 1)).status_code == 201
    more = {**a_pact(), "interactions": [{"description": "one more"}]}

    answer = broker.patch(PACT, json=more)

    assert answer.status_code == 409
    assert f"more than {limits.INTERACTIONS} items" in answer.text
