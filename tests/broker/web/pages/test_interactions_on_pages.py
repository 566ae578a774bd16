"""The page of a pact with hostile, large and many interactions; and the history of an interaction."""

import json

import pytest
from support.factories import a_pact, an_interaction, results_of
from support.reading_pages import A_BROWSER
from support.sql_statements import sql_statements

PACT = "/pacts/provider/Orders/consumer/Shop"


def test_ids_of_a_consumer_are_addresses_only_if_they_can_be(broker, publish):
    items = [{**an_interaction(name), "_id": name} for name in ("plain", 'x" onclick="x', "plain")]
    publish(a_pact(*items))

    text = broker.get(f"{PACT}/latest", headers=A_BROWSER).text

    assert 'id="i-plain"' in text
    assert 'id="i-plain-2"' in text
    assert 'onclick="' not in text


def test_hostile_texts_in_every_place_stay_texts(visit, publish, verify, broker):
    evil = "</pre><script>alert(1)</script>\"'"
    rules = {"body": {"$.a": {"matchers": [{"match": "regex", "regex": evil}]}}}
    item = an_interaction(
        evil,
        providerStates=[{"name": evil, "params": {evil: evil}}],
        request={
            "method": evil,
            "path": f"/{evil}",
            "query": {evil: [evil]},
            "headers": {evil: evil},
            "body": evil,
        },
        response={
            "status": 200,
            "headers": {evil: evil},
            "body": {"a": evil, evil: evil},
            "matchingRules": rules,
        },
    )
    published = publish(a_pact(item, comments={"text": [evil]}))
    mismatch = {
        "attribute": "body",
        "identifier": "$.a",
        "description": evil,
        "expected": evil,
        "actual": evil,
    }
    verify(
        published, evil[:20], success=False, testResults=results_of(published, evil, mismatches=[mismatch])
    )

    for path in (f"{PACT}/latest", f"{PACT}/interactions/{published['interactions'][0]['_id']}/history"):
        assert visit(path).is_balanced
        assert "<script>alert" not in broker.get(path, headers=A_BROWSER).text


def test_a_body_of_a_megabyte_is_cut_and_quick_to_load(broker, publish):
    body = {f"key {number}": "x" * 100 for number in range(9_000)}
    publish(a_pact(an_interaction(response={"status": 200, "body": body})))

    answer = broker.get(f"{PACT}/latest", headers=A_BROWSER | {"Accept-Encoding": "gzip"})

    assert answer.status_code == 200
    assert len(answer.data) < 60_000


def test_a_deep_body_is_shown(visit, publish):
    deep = json.loads("[" * 40 + "1" + "]" * 40)
    publish(a_pact(an_interaction(response={"status": 200, "body": deep})))

    assert visit(f"{PACT}/latest").text.count("[") >= 40


def test_a_large_pact_costs_six_statements(broker, publish, verify):
    published = publish(a_pact(*(an_interaction(f"n {number}") for number in range(300))))
    verify(published, success=False, branch="main", testResults=results_of(published, "n 7"))

    with sql_statements() as seen:
        answer = broker.get(f"{PACT}/latest", headers=A_BROWSER)

    assert len(seen) <= 6
    assert answer.text.count("<details") < 60


def test_an_interaction_has_a_history(visit, publish, verify, broker):
    first = publish(a_pact(an_interaction("a"), an_interaction("b")))
    verify(first, "1", branch="main")
    verify(first, "2", branch="main", success=False, testResults=results_of(first, "a"))
    changed = publish(a_pact(an_interaction("a", response={"status": 201}), an_interaction("b")), version="2")
    verify(changed, "3", branch="main", success=False, testResults=results_of(changed, "a"))
    verify(publish(a_pact(an_interaction("b")), version="3"), "4")
    path = f"{PACT}/interactions/{changed['interactions'][0]['_id']}/history"

    page = visit(path)

    assert (
        "a failed since Orders 2 (just now, 2 versions). Shop → Orders; not in the newest pact any more"
        in (page.text)
    )
    assert [row[:3] for row in page.rows[1:]] == [
        ("3 main", "2 changed", "failed"),
        ("2 main", "1", "failed"),
        ("1 main", "1", "verified"),
    ]
    assert visit(f"{PACT}/interactions/{first['interactions'][0]['_id']}/history").rows == page.rows
    with sql_statements() as seen:
        rows = broker.get(f"{path}?format=json").json["results"]
    assert len(seen) <= 6
    assert [row["verdict"] for row in rows] == ["failed", "failed", "verified"]


def test_the_history_of_an_interaction_has_pages(visit, publish, verify):
    published = publish()
    for version in range(52):
        verify(published, str(version))
    path = f"{PACT}/interactions/{published['interactions'][0]['_id']}/history"

    first, second = visit(path), visit(f"{path}?page=2")

    assert (len(first.rows), len(second.rows)) == (51, 3)
    assert (first.links["Older"], second.links["Newer"]) == ("?page=2", "?page=1")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (f"{PACT}/interactions/x/history", "No interaction with the id x between Shop and Orders found"),
        (
            "/pacts/provider/Nobody/consumer/Shop/interactions/x/history",
            "No provider with name 'Nobody' found",
        ),
    ],
)
def test_a_history_of_what_is_not_there_is_told(visit, publish, path, message):
    publish()

    page = visit(path)

    assert (page.status, message in page.text) == (404, True)


def test_an_interaction_that_went_long_ago_has_its_history_still(visit, publish, verify):
    old = publish(a_pact(an_interaction("old")), version="1")
    verify(old, "7")
    for version in range(2, 14):
        publish(a_pact(an_interaction(f"new {version}")), version=str(version))

    page = visit(f"{PACT}/interactions/{old['interactions'][0]['_id']}/history")

    assert "old verified by 7" in page.text
    assert "not in the newest pact any more" in page.text


def test_a_pact_that_went_back_to_an_older_content_has_its_interactions_again(visit, publish):
    for version, name in enumerate(("old", "new", "old"), 1):
        back = publish(a_pact(an_interaction(name)), version=str(version))

    page = visit(f"{PACT}/interactions/{back['interactions'][0]['_id']}/history")

    assert "not in the newest pact" not in page.text
    assert "In the pact" in page.text
