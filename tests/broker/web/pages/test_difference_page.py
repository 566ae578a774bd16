"""The page of what changed between two pacts."""

import pytest
from support.factories import a_pact, an_interaction
from support.reading_pages import A_BROWSER
from support.sql_statements import sql_statements

PACT = "/pacts/provider/Orders/consumer/Shop"


@pytest.fixture
def three_versions(publish):
    """Version 3 differs from 2 and 1, which are the same."""
    old = a_pact(an_interaction("goes"), an_interaction("changes <b>"), an_interaction("stays"))
    changed = an_interaction("changes <b>", response={"status": 418, "body": {"a": "<i>"}})
    for version in ("1", "2"):
        first = publish(old, version=version)
    last = publish(a_pact(changed, an_interaction("stays"), an_interaction("comes")), version="3")
    return [found["_links"]["pb:pact-version"]["name"] for found in (first, last)]


@pytest.mark.usefixtures("three_versions")
@pytest.mark.parametrize("path", ["version/3/diff/previous-distinct", "version/3/diff/version/1"])
def test_what_changed_is_told_in_a_sentence_first(visit, path):
    page = visit(f"{PACT}/{path}")

    assert "1 interaction removed, 1 added, 1 changed: status 200 → 418 in “changes <b>”" in page.text
    assert "Removed 1 interaction GET /orders/1 goes" in page.text
    assert "Added 1 interaction GET /orders/1 comes" in page.text
    assert ("status", "200", "418") in page.rows
    assert ("response body $.a", "", "<i>") in page.rows
    assert page.is_balanced


def test_contents_are_compared_too_and_the_other_way_round(visit, three_versions):
    first, last = three_versions

    page = visit(f"{PACT}/pact-version/{first}/diff/pact-version/{last}")

    assert "status 418 → 200" in page.text


@pytest.mark.usefixtures("three_versions")
def test_the_same_content_has_no_changes(visit):
    assert "The two have the same interactions." in visit(f"{PACT}/version/2/diff/version/1").text


@pytest.mark.usefixtures("three_versions")
def test_a_first_pact_says_that_there_is_none_before(visit):
    page = visit(f"{PACT}/version/1/diff/previous-distinct")

    assert "There is no earlier pact of Shop and Orders with other content." in page.text


@pytest.mark.usefixtures("three_versions")
def test_the_changes_can_be_shown_as_text(visit):
    page = visit(f"{PACT}/version/3/diff/previous-distinct?show=text")

    assert "-status 200" in page.text
    assert '+ "a": "<i>"' in page.text


def test_the_verdict_of_each_side_is_told(visit, publish, verify):
    verify(publish(version="1"), "7")
    verify(publish(a_pact(an_interaction("other")), version="2"), "7", success=False)

    text = visit(f"{PACT}/version/2/diff/version/1").text

    assert "Shop → Orders: 1 (just now) verified → 2 (just now) failed" in text


def test_documents_that_are_no_pacts_are_compared_as_text(visit, broker, publish):
    publish(version="1")
    assert broker.put(f"{PACT}/version/2", json={"no": "pact"}).status_code == 201

    page = visit(f"{PACT}/version/2/diff/version/1")

    assert "One of the two cannot be read as a pact." in page.text
    assert '"no": "pact"' in page.text


@pytest.mark.usefixtures("three_versions")
def test_the_changes_are_rows_for_machines(broker):
    path = f"{PACT}/version/3/diff/previous-distinct"

    rows = broker.get(f"{path}?format=json").json["changes"]

    assert {row["kind"] for row in rows} == {"removed", "added", "changed"}
    assert broker.get(f"{path}?format=csv").text.startswith("interaction,kind,place,before,after")


@pytest.mark.usefixtures("three_versions")
def test_a_client_gets_the_text_as_before(broker):
    answer = broker.get(f"{PACT}/version/3/diff/previous-distinct")

    assert answer.mimetype == "text/plain"
    assert "```diff" in answer.text


def test_many_interactions_cost_six_statements_and_are_cut(broker, publish):
    for version, status in (("1", 200), ("2", 201)):
        response = {"status": status}
        publish(a_pact(*(an_interaction(f"n {n}", response=response) for n in range(60))), version=version)

    with sql_statements() as seen:
        answer = broker.get(f"{PACT}/version/2/diff/previous-distinct", headers=A_BROWSER)

    assert len(seen) <= 6
    assert "and 10 more" in answer.text
    assert "; …" in answer.text
