"""The newest result of a pact, by the version that published it; and removing results."""

import pytest
from support.factories import a_pact, a_publication, a_verification_result, an_interaction

PAIR = "/pacts/provider/Orders/consumer/Shop"


def publish(broker, version, **changes):
    pact = a_pact(an_interaction(f"of {version}"))
    answer = broker.post("/contracts/publish", json=a_publication(pact, version=version, **changes))
    assert answer.status_code == 200


def verify(broker, consumer_version, version, *, success=True):
    broker.put(f"/pacticipants/Orders/branches/main/versions/{version}", json={})
    pact = broker.get(f"{PAIR}/version/{consumer_version}").json
    url = pact["_links"]["pb:publish-verification-results"]["href"]
    answer = broker.post(url, json=a_verification_result(version, success=success))
    assert answer.status_code == 201
    return answer.headers["Location"]


def number(answer):
    assert answer.status_code == 200, answer.json
    return answer.json["providerApplicationVersion"]


def verdicts(broker):
    rows = broker.get("/matrix/provider/Orders/consumer/Shop").json["matrix"]
    return [row["verificationResult"] and row["verificationResult"]["success"] for row in rows]


def is_pending(broker):
    query = {"includePendingStatus": True, "providerVersionBranch": "main"}
    (pact,) = broker.post("/pacts/provider/Orders/for-verification", json=query).json["_embedded"]["pacts"]
    return pact["verificationProperties"]["pending"]


@pytest.fixture
def history(broker):
    """Version 1, tagged, has results 7 and 8; version 2 has result 9; version 3 has none."""
    for version, tags in (("1", ["prod"]), ("2", []), ("3", ["new"])):
        publish(broker, version, tags=tags)
    for consumer_version, version in (("1", "7"), ("1", "8"), ("2", "9")):
        verify(broker, consumer_version, version)
    return broker


@pytest.mark.parametrize("method", ["get", "delete"])
@pytest.mark.parametrize("wrong", ["all", "-1", "9" * 30, "٣"])
def test_what_is_no_number_of_a_result_is_not_found(history, method, wrong):
    sha = history.get(f"{PAIR}/latest").json["_links"]["pb:pact-version"]["name"]

    answer = history.open(f"{PAIR}/pact-version/{sha}/verification-results/{wrong}", method=method.upper())

    assert answer.status_code == 404
    assert "matrix" in answer.json["error"]


def test_the_newest_result_is_found_by_version_and_by_tag(history):
    by_version = history.get(f"{PAIR}/version/2/verification-results/latest")
    by_tag = history.get(f"{PAIR}/latest/prod/verification-results/latest")
    history.delete(f"{PAIR}/version/3")
    latest = history.get(f"{PAIR}/latest/verification-results/latest")

    assert (number(by_version), number(by_tag), number(latest)) == ("9", "8", "9")


@pytest.mark.parametrize("method", ["get", "delete"])
@pytest.mark.parametrize(
    ("path", "message"),
    [
        (f"{PAIR}/latest/verification-results/latest", "This pact has not been verified yet"),
        (f"{PAIR}/latest/new/verification-results/latest", "This pact has not been verified yet"),
        (f"{PAIR}/version/3/verification-results/latest", "This pact has not been verified yet"),
        (f"{PAIR}/version/9/verification-results/latest", "No pact between Shop (9) and Orders found"),
        (f"{PAIR}/latest/x/verification-results/latest", "No pact between Shop and Orders found"),
        (
            "/pacts/provider/Orders/consumer/App/latest/verification-results/latest",
            "No consumer with name 'App' found",
        ),
    ],
)
def test_what_is_missing_is_named(history, method, path, message):
    answer = getattr(history, method)(path)

    assert (answer.status_code, answer.json) == (404, {"error": message})


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_a_removed_result_gives_way_to_the_one_before(broker):
    publish(broker, "1")
    verify(broker, "1", "7", success=True)
    failed = verify(broker, "1", "7", success=False)
    before = verdicts(broker)

    assert broker.delete(failed).status_code == 204

    assert before == [False]
    assert verdicts(broker) == [True]
    assert broker.get(failed).status_code == 404
    assert broker.delete(failed).status_code == 404


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_what_only_a_removed_result_verified_is_pending_again(broker):
    publish(broker, "1")
    results = [verify(broker, "1", version) for version in ("7", "8")]
    seen = [is_pending(broker)]
    for result in results:
        broker.delete(result)
        seen.append(is_pending(broker))

    assert seen == [False, False, True]


@pytest.mark.parametrize(
    "path", ["version/1/verification-results/latest", "latest/prod/verification-results/latest"]
)
def test_removing_the_latest_result_leaves_the_others(history, path):
    url = f"{PAIR}/{path}"

    assert history.delete(url).status_code == 204

    assert number(history.get(url)) == "7"
    assert number(history.get(f"{PAIR}/version/2/verification-results/latest")) == "9"


def test_removing_the_latest_result_of_a_content(history):
    pact = history.get(f"{PAIR}/version/1").json
    url = pact["_links"]["pb:latest-verification-results"]["href"]

    assert history.delete(url).status_code == 204
    assert number(history.get(url)) == "7"
    assert history.delete(url).status_code == 204
    assert history.delete(url).status_code == 404


def test_only_a_number_is_a_result(history):
    sha = history.get(f"{PAIR}/version/1").json["_links"]["pb:pact-version"]["name"]

    assert history.delete(f"{PAIR}/pact-version/{sha}/verification-results/all").status_code == 404
    assert history.delete(f"{PAIR}/pact-version/{sha}/verification-results/999").status_code == 404
    assert number(history.get(f"{PAIR}/version/1/verification-results/latest")) == "8"
