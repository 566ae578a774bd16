"""What failed in a result, since when, and which change brought it."""

import pytest
from support.factories import a_pact, a_publication, an_interaction, results_of
from support.result_history import PACT, ResultHistory


@pytest.fixture
def history(broker, database):
    return ResultHistory(broker, database)


def failures(history, number=None):
    """Return the document, found from the newest result of the pact, or of a consumer version."""
    url = f"{PACT}/version/{number}" if number else f"{PACT}/latest"
    result = history.client.get(f"{url}/verification-results/latest")
    answer = history.client.get(result.json["_links"]["tally:failures"]["href"])
    assert answer.status_code == 200, answer.text
    return answer.json


def origin(history, number=None):
    """Return what changed, the version that failed first, and the one that passed last."""
    [failure] = failures(history, number)["_embedded"]["failures"]
    return told(failure["origin"])


def told(found):
    versions = [found[name] and found[name]["providerVersion"] for name in ("first", "passed")]
    return found["changed"], *versions


def test_a_failure_has_both_sides_and_since_when(history):
    pact = history.pact("1", read=200, write=201)
    history.result(pact, "7", "read", "write")
    history.result(pact, "8", "read")

    found = failures(history)

    assert (found["success"], found["failed"]) == (False, 1)
    assert found["provider"] == {"name": "Orders", "version": "8", "branch": "main"}
    assert found["consumer"] == {"name": "Shop", "version": "1"}
    [failure] = found["_embedded"]["failures"]
    assert (failure["description"], failure["request"]) == ("read", "GET /orders/1")
    assert failure["problems"] == [{"place": "body $.id", "text": "wrong", "expected": "1", "actual": "a\0b"}]
    assert (failure["failingSince"]["version"], failure["failingSince"]["versions"]) == ("7", 2)


def test_the_provider_changed_when_another_version_kept_the_same_interaction(history):
    pact = history.pact("1", read=200)
    history.result(pact, "6")
    history.result(pact, "7", "read")
    history.result(pact, "8", "read")

    assert origin(history) == ("provider", "7", "6")


def test_the_pact_changed_when_the_same_version_kept_what_it_was(history):
    history.result(history.pact("1", read=200), "7")
    history.result(history.pact("2", read=404), "7", "read")

    [failure] = failures(history)["_embedded"]["failures"]

    assert told(failure["origin"]) == ("pact", "7", "7")
    assert failure["origin"]["isNew"] is False
    assert failure["origin"]["passed"]["consumerVersion"] == "1"
    diff = history.client.get(failure["origin"]["_links"]["pb:diff"]["href"])
    assert "version 2 compared with 1" in diff.text


def test_an_interaction_that_is_new_was_brought_by_the_pact(history):
    history.result(history.pact("1", read=200), "6")
    history.result(history.pact("2", read=200, write=201), "7", "write")

    [failure] = failures(history)["_embedded"]["failures"]

    assert told(failure["origin"]) == ("pact", "7", None)
    assert failure["origin"]["isNew"] is True


def test_an_unchanged_interaction_of_a_changed_pact_was_broken_by_the_provider(history):
    history.result(history.pact("1", read=200), "6")
    history.result(history.pact("2", read=200, write=201), "7", "read")

    assert origin(history) == ("provider", "7", "6")


@pytest.mark.parametrize(
    ("with_the_new_version", "changed"), [((), "pact"), (("read",), "provider"), (None, "both")]
)
def test_where_both_changed_the_old_pact_with_the_new_version_decides(history, with_the_new_version, changed):
    old = history.pact("1", read=200)
    history.result(old, "6")
    new = history.pact("2", read=404)
    history.result(new, "7", "read")
    if with_the_new_version is not None:
        history.result(old, "7", *with_the_new_version)

    assert origin(history, "2") == (changed, "7", "6")


def test_a_failure_of_the_old_pact_that_tells_no_interactions_decides_nothing(history):
    old = history.pact("1", read=200)
    history.result(old, "6")
    history.result(history.pact("2", read=404), "7", "read")
    history.result(old, "7", "read", said=False)

    assert origin(history, "2") == ("both", "7", "6")


def test_the_same_version_that_passed_with_the_same_pact_was_not_changed(history):
    pact = history.pact("1", read=200)
    history.result(pact, "7")
    history.result(pact, "7", "read")

    assert origin(history) == ("neither", "7", "7")


def test_what_the_same_version_kept_goes_before_what_others_did(history):
    old = history.pact("1", read=200)
    history.result(old, "6")
    history.result(old, "7", "read")
    history.result(history.pact("2", read=404), "6", "read")

    assert origin(history) == ("pact", "6", "6")


def test_an_older_pact_that_fails_was_not_brought_by_a_newer_one(history):
    old = history.pact("1", read=200)
    history.result(old, "6")
    history.result(history.pact("2", read=404), "7")
    history.result(old, "7", "read")

    assert origin(history, "1") == ("provider", "7", "6")


def test_the_first_result_of_all_tells_of_no_change(history):
    history.result(history.pact("1", read=200), "7", "read")

    assert origin(history) == ("unknown", "7", None)


def test_a_result_on_the_same_branch_goes_before_a_newer_one_on_another(history):
    pact = history.pact("1", read=200)
    history.result(pact, "5")
    history.result(pact, "6", branch="feature")
    history.result(pact, "7", "read")
    history.result(pact, "8", "read", branch="other")

    assert origin(history) == ("provider", "8", "6")
    assert told(failures_of(history, "7")["_embedded"]["failures"][0]["origin"]) == (
        "provider",
        "7",
        "5",
    )


def test_a_result_that_tells_no_interactions_is_judged_as_a_whole(history):
    pact = history.pact("1", read=200)
    history.result(pact, "6")
    history.result(pact, "7", "read", said=False)

    found = failures(history)

    assert found["_embedded"]["failures"] == []
    assert told(found["origin"]) == ("provider", "7", "6")
    assert found["problem"]["text"] == "failed; the result does not say why"


def test_a_failure_that_tells_no_interactions_is_no_pass_of_any(history):
    pact = history.pact("1", read=200)
    history.result(pact, "6", "read", said=False)
    history.result(pact, "7", "read")

    assert origin(history) == ("unknown", "7", None)


def test_a_success_has_no_failures(history):
    history.result(history.pact("1", read=200), "7")

    found = failures(history)

    assert (found["success"], found["failed"], found["origin"], found["failingSince"]) == (
        True,
        0,
        None,
        None,
    )
    assert found["_embedded"]["failures"] == []


def test_the_run_that_began_with_a_deleted_result_has_no_origin(history):
    pact = history.pact("1", read=200)
    history.result(pact, "6")
    history.result(pact, "7", "read")
    first = history.number
    history.result(pact, "8", "read")
    sha = pact["_links"]["pb:pact-version"]["name"]
    deleted = history.client.delete(f"{PACT}/pact-version/{sha}/verification-results/{first}")
    assert deleted.status_code == 204

    [failure] = failures(history)["_embedded"]["failures"]

    assert told(failure["origin"]) == ("unknown", None, None)
    assert failure["failingSince"]["version"] == "7"


def test_many_failures_come_in_pages(broker):
    items = [an_interaction(f"order {number}") for number in range(5)]
    broker.post("/contracts/publish", json=a_publication(a_pact(*items), version="1"))
    pact = broker.get(f"{PACT}/latest").json
    results = results_of(pact, *(item["description"] for item in items))
    broker.post(
        pact["_links"]["pb:publish-verification-results"]["href"],
        json={"success": False, "providerApplicationVersion": "7", "testResults": results},
    )
    url = broker.get(f"{PACT}/latest/verification-results/latest").json["_links"]["tally:failures"]["href"]

    pages = [broker.get(url, query_string={"page": number, "size": 2}).json for number in (1, 2, 3)]

    assert [len(page["_embedded"]["failures"]) for page in pages] == [2, 2, 1]
    assert pages[0]["page"]["totalElements"] == 5


@pytest.mark.parametrize("number", ["99", "x", "0"])
def test_what_failed_in_a_result_that_is_not_there_is_not_found(history, number):
    pact = history.pact("1", read=200)
    sha = pact["_links"]["pb:pact-version"]["name"]

    answer = history.client.get(f"{PACT}/pact-version/{sha}/verification-results/{number}/failures")

    assert answer.status_code == 404


def failures_of(history, version):
    """Return what failed in the newest result of a provider version."""
    row = history.client.get(
        "/matrix",
        query_string={
            "q[][pacticipant]": "Orders",
            "q[][version]": version,
        },
    ).json["matrix"][0]
    result = history.client.get(row["verificationResult"]["_links"]["self"]["href"]).json
    return history.client.get(result["_links"]["tally:failures"]["href"]).json
