"""What is said of generated requests, of coverage, and of the budgets of a service contract."""

import json
from xml.etree import ElementTree as ET

import pytest
from support.contract_documents import a_response, an_openapi

ORDER = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "integer"},
        "note": {"type": "string"},
        "customer": {
            "type": "object",
            "required": ["name"],
            "properties": {"name": {"type": "string"}, "email": {"type": "string"}},
        },
    },
}
PAGE = {"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 9}}


def show(**changes):
    return {
        "operationId": "show",
        "parameters": [PAGE],
        "responses": {
            "200": a_response(ORDER, example={"id": 1}),
            "400": {**a_response({"type": "object"}), "x-contract-error": "no-such-page"},
        },
        "x-contract-errors": {"no-such-page": {"when": "the page is not one of nine"}},
        **changes,
    }


@pytest.fixture
def contract_file(tmp_path):
    def write(components=None, **changes):
        path = tmp_path / "openapi.json"
        document = an_openapi({"/order": {"get": show(**changes)}}, components=components or {})
        path.write_text(json.dumps(document))
        return path

    return write


@pytest.fixture
def verify(tally_verify, contract_file, provider):
    def call(*options, **changes):
        return tally_verify(
            "--service-contract", contract_file(**changes), "--provider-url", provider.url, *options
        )

    return call


def by_page(provider, answers):
    """Let the provider answer each page as *answers* says, and refuse every other."""
    for number in range(1, 10):
        provider.on("GET", f"/order?page={number}", **answers.get(number, {"body": {"id": number}}))
    provider.on("GET", "/order", {"id": 0, "note": "x"})


def test_examples_alone_are_sent_unless_more_is_asked_for(verify, provider):
    by_page(provider, {})

    assert verify().exit_code == 0
    assert [asked.path for asked in provider.asked] == ["/order"]


def test_a_generated_failure_says_how_to_repeat_it(verify, provider, tmp_path):
    by_page(provider, {9: {"body": {}, "status": 500}})
    junit, report, page = (tmp_path / f"report.{name}" for name in ("xml", "json", "html"))

    ended = verify(*("--phases", "valid", "--seed", "3", "--junit", junit, "--json", report, "--html", page))

    assert ended.exit_code == 1
    assert "✗ GET /order: valid 2, query.page=9" in ended.stdout
    assert f"curl -i '{provider.url}/order?page=9'" in ended.stdout
    assert "--phases valid --seed 3, number 2" in ended.stdout
    (failure,) = [
        each for each in json.loads(report.read_text())["contracts"][0]["results"] if each["failure"]
    ]
    assert failure["generated"] == {
        "phase": "valid",
        "seed": 3,
        "index": 2,
        "requests": 1,
        "smallest": {"query": {"page": 9}},
        "triedToShrink": failure["generated"]["triedToShrink"],
    }
    (case,) = ET.parse(junit).getroot().findall(".//testcase[failure]")  # noqa: S314 - our own report
    assert "--seed 3" in case.find("system-out").text
    assert "# --phases valid --seed 3, number 2" in page.read_text()
    assert "1 of 1 operations" in page.read_text()


def test_the_case_that_failed_can_be_replayed_alone(verify, provider):
    by_page(provider, {9: {"body": {}, "status": 500}})

    ended = verify("--phases", "valid", "--filter-description", "valid 2,")

    assert ended.exit_code == 1
    assert "0 passed, 1 failed" in ended.stdout


def test_what_was_never_seen_is_listed(verify, provider):
    by_page(provider, {})

    ended = verify()

    assert "1 of 1 operations, 1 of 2 statuses, 1 of 2 media types, 0 of 1 error conditions" in ended.stdout
    assert "Never answered: GET /order 400" in ended.stdout
    assert "Never seen to happen: GET /order no-such-page" in ended.stdout
    assert (
        "Never seen present, which proves nothing about them: GET /order 200 $.customer, "
        "GET /order 200 $.customer.email" in ended.stdout
    )
    assert "Never seen absent: GET /order 200 $.note, GET /order 200 $.customer.email" in ended.stdout


def test_all_of_a_contract_can_be_seen(verify, provider):
    by_page(provider, {1: {"body": {"id": 1, "customer": {"name": "a", "email": "b"}}}})
    provider.on("GET", "/order?page=2", {"id": 1, "customer": {"name": "a"}})
    for wrong in ("text", "0", "10", "1.5"):
        provider.on("GET", f"/order?page={wrong}", {}, status=400)

    ended = verify("--phases", "examples,valid,invalid", "--coverage-min", "100")

    assert ended.exit_code == 0, ended.stdout
    assert "Coverage 100 %" in ended.stdout
    assert "Enough seen: the coverage of the service contract of Orders is 100.0 %" in ended.stdout


def test_too_little_coverage_fails_the_run_and_not_the_contract(verify, provider):
    by_page(provider, {})

    ended = verify("--coverage-min", "90", "--output", "json")

    document = json.loads(ended.stdout)
    assert (ended.exit_code, document["conformance"]) == (1, True)
    (limit,) = document["budgets"]
    assert (limit["option"], limit["limit"], limit["exceeded"]) == ("--coverage-min", 90, True)
    kinds = document["contracts"][0]["coverage"]["kinds"]
    assert kinds["status"] == {"seen": ["GET /order 200"], "unseen": ["GET /order 400"]}


@pytest.mark.parametrize("phases", ["", "example", "valid,unheard-of"])
def test_an_unknown_phase_is_refused(verify, phases):
    ended = verify("--phases", phases)

    assert ended.exit_code == 2
    assert "name some of examples, valid, invalid, workflows" in ended.stderr


def test_budgets_are_measured_over_their_samples_apart_from_conformance(verify, provider):
    by_page(provider, {})
    budget = {"p95Ms": 60_000, "samples": 5, "maxBytes": 3}

    ended = verify(**{"x-contract-budget": budget})

    assert len(provider.asked) == 1 + 1 + 5
    assert ended.exit_code == 1
    assert "Passed: 1 passed, 0 failed" in ended.stdout
    assert "Budget kept: the 95th percentile of GET /order over 5 requests is" in ended.stdout
    assert "Budget exceeded: the largest answer of GET /order is 22 bytes, more than 3 bytes" in ended.stdout


def test_a_budget_of_what_writes_is_measured_only_when_more_is_sent_anyway(tally_verify, tmp_path, provider):
    provider.on("POST", "/order", {"id": 1}, status=201)
    place = {
        "requestBody": {"content": {"application/json": {"schema": {}, "example": {}}}},
        "responses": {"201": a_response({}, example={})},
        "x-contract-budget": {"p95Ms": 60_000, "samples": 5},
    }
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(an_openapi({"/order": {"post": place}})))

    ended = tally_verify("--service-contract", path, "--provider-url", provider.url)

    assert ended.exit_code == 0
    assert len(provider.asked) == 1
    assert "The budget of POST /order is not measured" in ended.stdout


def test_a_request_without_credentials_is_sent_where_the_user_gives_some(verify, provider):
    by_page(provider, {})
    secured = {"security": [{"token": []}]}
    components = {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}

    with_token = verify(
        "--phases", "invalid", "-H", "Authorization: Bearer x", components=components, **secured
    )
    without = verify("--phases", "invalid", components=components, **secured)

    said = "GET /order needs credentials, and was answered with 200 without any"
    assert said in with_token.stdout
    assert said not in without.stdout
