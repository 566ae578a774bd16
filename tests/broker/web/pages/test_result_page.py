"""The page of a result: what failed in a run, for how many interactions, and since when."""

import json

import pytest
from support.factories import a_pact, an_interaction
from support.reading_pages import A_BROWSER
from support.sql_statements import sql_statements

PACT = "/pacts/provider/Orders/consumer/Shop"
NAMES = ["first", "second", "third"]


def problem(path, expected, actual):
    text = f"Expected {expected} (Integer) to be equal to {actual} (Decimal)"
    return {
        "attribute": "body",
        "identifier": path,
        "description": text,
        "expected": expected,
        "actual": actual,
    }


@pytest.fixture
def report(publish, verify, broker):
    """Publish a result in which some interactions failed. Return the address of its page."""
    published = publish(a_pact(*map(an_interaction, NAMES)))
    sha = published["_links"]["pb:pact-version"]["name"]

    def report(version="7", took=1.5, **failed):
        results = [
            {
                "interactionId": item["_id"],
                "success": item["description"] not in failed,
                "durationMs": took,
                "mismatches": failed.get(item["description"], []),
            }
            for item in published["interactions"]
        ]
        verified_by = {"implementation": "a <verifier>", "version": "1"}
        verify(
            published, version, success=not failed, branch="main", testResults=results, verifiedBy=verified_by
        )
        latest = broker.get(f"{PACT}/pact-version/{sha}/verification-results/latest").json
        return latest["_links"]["self"]["href"].removeprefix("http://localhost")

    return report


def test_equal_failures_are_told_once(visit, report):
    page = visit(
        report(first=[problem("$.items[0].id", 1, 1.5)], second=[problem("$.items[3].id", 20, 20.5)])
    )

    assert "failed 2 of 3 interactions fail, for the first time." in page.text
    assert "body $.items[0].id expected 1 was 1.5" in page.text
    assert "2 interactions: first, second" in page.text
    assert "20.5" not in page.text.partition("3 interactions")[0]
    assert page.is_balanced


def test_each_interaction_has_its_verdict_and_how_long_it_took(visit, report):
    page = visit(report(third=[problem("$.id", 1, 2)], took=1234.4))

    assert page.rows[1][:3] == ("third GET /orders/1", "failed", "1,234 ms")
    assert page.rows[2] == ("first GET /orders/1", "verified", "1,234 ms", "", "")
    assert "took 3,703 ms · by a <verifier> 1" in page.text
    assert page.links["third"].endswith(
        f"&open={page.links['third'].rpartition('#i-')[2]}#i-" + (page.links["third"].rpartition("#i-")[2])
    )


def test_the_run_before_is_compared(visit, report):
    report("7", first=[problem("$.id", 1, 2)], second=[problem("$.id", 1, 2)])

    page = visit(report("8", second=[problem("$.id", 1, 2)], third=[problem("$.id", 1, 2)]))

    assert "2 of 3 interactions fail since 7 (just now, 2 versions)" in page.text
    assert "Failed now, and not then: “third”" in page.text
    assert "Failed then and now: “second”" in page.text
    assert "Failed then, and not now: “first”" in page.text


def test_a_success_says_so(visit, report):
    page = visit(report())

    assert "verified All 3 interactions of the pact hold." in page.text
    assert "What failed" not in page.text


def test_a_result_that_says_nothing_more_is_shown(visit, verify, publish):
    verify(published := publish(), "7", success=False)
    sha = published["_links"]["pb:pact-version"]["name"]

    page = visit(f"{PACT}/pact-version/{sha}/verification-results/latest")

    assert "The verification failed" in page.text
    assert "the result does not say why" in page.text


def test_a_result_of_a_document_that_is_no_pact_is_shown(visit, broker, verify):
    assert broker.put(f"{PACT}/version/1", json={"no": "pact"}).status_code == 201
    verify(published := broker.get(f"{PACT}/version/1").json, "7", testResults={"odd": ["<b>"]})
    sha = published["_links"]["pb:pact-version"]["name"]

    page = visit(f"{PACT}/pact-version/{sha}/verification-results/latest")

    assert page.status == 200


@pytest.mark.parametrize("said", [None, 1, "text", [], {"implementation": ["x"]}, {"implementation": "<b>"}])
def test_whatever_a_verifier_says_of_itself_is_shown_or_left_out(visit, verify, publish, said):
    verify(published := publish(), "7", verifiedBy=said)
    sha = published["_links"]["pb:pact-version"]["name"]

    assert visit(f"{PACT}/pact-version/{sha}/verification-results/latest").status == 200


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("verification-results/99", "No verification result with number 99"),
        ("verification-results/latest", "has not been verified yet"),
        ("verification-results/x", "is not the number of a result"),
    ],
)
def test_a_result_that_is_not_there_is_told(visit, publish, path, message):
    sha = publish()["_links"]["pb:pact-version"]["name"]

    page = visit(f"{PACT}/pact-version/{sha}/{path}")

    assert page.status == 404
    assert message in page.text


def test_a_page_of_a_result_costs_six_statements(broker, report):
    report("7", first=[problem("$.id", 1, 2)])
    path = report("8", first=[problem("$.id", 1, 2)])

    with sql_statements() as seen:
        broker.get(path, headers=A_BROWSER)

    assert len(seen) <= 6


def test_the_interactions_are_rows_for_machines(broker, report):
    path = report(first=[problem("$.id", 1, 2)])

    rows = broker.get(f"{path}?format=json").json["interactions"]

    assert [(row["description"], row["verdict"], row["milliseconds"]) for row in rows] == [
        ("first", "failed", 1.5),
        ("second", "verified", 1.5),
        ("third", "verified", 1.5),
    ]
    assert json.loads(broker.get(path).text)["success"] is False
