"""What changed between two pacts, as text."""

import pytest
from support.factories import a_pact, a_publication, an_interaction

PAIR = "/pacts/provider/Orders/consumer/Shop"


def publish(broker, version, status, **changes):
    interaction = an_interaction(response={"status": status})
    answer = broker.post(
        "/contracts/publish", json=a_publication(a_pact(interaction), version=version, **changes)
    )
    assert answer.status_code == 200, answer.json


def sha(broker, version):
    return broker.get(f"{PAIR}/version/{version}").json["_links"]["pb:pact-version"]["name"]


@pytest.fixture
def history(broker):
    """Four versions: the status that they expect changes with the second and with the fourth."""
    for version, status in (("1", 200), ("2", 201), ("3", 201), ("4", 202)):
        publish(broker, version, status)
    return broker


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize(("version", "earlier"), [("4", "3"), ("3", "1"), ("2", "1")])
def test_the_previous_distinct_pact_is_the_newest_earlier_one_with_other_content(history, version, earlier):
    answer = history.get(f"{PAIR}/version/{version}/previous-distinct")

    assert answer.json == history.get(f"{PAIR}/version/{earlier}").json


def test_the_first_content_has_none_before(history):
    pact = history.get(f"{PAIR}/version/1/previous-distinct")
    difference = history.get(f"{PAIR}/version/1/diff/previous-distinct")

    assert pact.status_code == 404
    assert difference.status_code == 200
    assert difference.text == (
        "There is no earlier version of the pact between Shop (1) and Orders with other content"
    )


def test_a_difference_shows_both_versions_the_changed_lines_and_where_the_pacts_are(history):
    answer = history.get(f"{PAIR}/version/3/diff/previous-distinct")

    assert answer.content_type == "text/plain;charset=utf-8"
    assert answer.text.startswith("# Pact between Shop and Orders: version 3 compared with 1\n")
    assert "Published just now (2" in answer.text
    assert '\n-        "status": 200\n' in answer.text
    assert '\n+        "status": 201\n' in answer.text
    for version in "13":
        url = f"http://localhost{PAIR}/version/{version}"
        assert f'  url: "{url}"\n' in answer.text
        assert history.get(url).status_code == 200


def test_two_versions_can_be_compared_in_either_direction(history):
    forwards = history.get(f"{PAIR}/version/4/diff/version/1").text
    backwards = history.get(f"{PAIR}/version/1/diff/version/4").text
    same = history.get(f"{PAIR}/version/3/diff/version/2").text

    assert '-        "status": 200' in forwards
    assert '+        "status": 202' in forwards
    assert '+        "status": 200' in backwards
    assert "the same content" in same


def test_two_contents_can_be_compared(history):
    first, last = sha(history, "1"), sha(history, "4")

    answer = history.get(f"{PAIR}/pact-version/{last}/diff/pact-version/{first}")

    assert answer.status_code == 200
    assert '-        "status": 200' in answer.text
    assert '+        "status": 202' in answer.text


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("Shop/version/9/diff/previous-distinct", "No pact between Shop (9) and Orders found"),
        ("Shop/version/1/diff/version/9", "No pact between Shop (9) and Orders found"),
        ("Shop/version/9/previous-distinct", "No pact between Shop (9) and Orders found"),
        (
            "Shop/pact-version/ab/diff/pact-version/cd",
            "No pact between Shop and Orders with the content ab found",
        ),
        ("App/version/1/diff/version/2", "No consumer with name 'App' found"),
    ],
)
def test_what_is_missing_is_named(history, path, message):
    answer = history.get(f"/pacts/provider/Orders/consumer/{path}")

    assert (answer.status_code, answer.json) == (404, {"error": message})


def test_a_name_cannot_add_lines_to_the_links(broker):
    pact = a_pact(consumer='a"b: c', provider="Orders")
    for version, description in (("1", "x"), ("2", "y")):
        changed = {**pact, "interactions": [an_interaction(description)]}
        broker.post("/contracts/publish", json=a_publication(changed, version=version))

    answer = broker.get("/pacts/provider/Orders/consumer/a%22b%3A%20c/version/2/diff/previous-distinct")

    assert '  title: "Pact between a\\"b: c (2) and Orders"\n' in answer.text


def test_a_pact_leads_to_what_it_was_before(history):
    links = history.get(f"{PAIR}/version/4").json["_links"]

    assert history.get(links["pb:previous-distinct"]["href"]).json["_links"]["self"]["name"] == (
        "Pact between Shop (3) and Orders"
    )
    by_version = history.get(links["pb:diff-previous-distinct"]["href"]).text
    by_content = history.get(links["pb:diff"]["href"].format(pactVersion=sha(history, "3"))).text
    assert '-        "status": 201' in by_version
    assert by_version == by_content
