from concurrent.futures import ThreadPoolExecutor

import pytest
from support.factories import a_pact, a_publication, a_verification_result

from tally.hashing import content_hash

RESULTS = f"/pacts/provider/Orders/consumer/Shop/pact-version/{content_hash(a_pact())}/verification-results"

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def published(broker):
    assert broker.post("/contracts/publish", json=a_publication()).status_code == 200
    return broker


def part(index, count=3, run="build 7", *, success=True, **changes):
    shard = {"index": index, "count": count, "run": run}
    results = [{"interactionId": str(index), "success": success}]
    return a_verification_result("1", success=success, shard=shard, testResults=results, **changes)


def test_the_result_counts_when_every_part_has_arrived(published):
    first = published.post(RESULTS, json=part(3))
    second = published.post(RESULTS, json=part(1))
    too_early = published.get(f"{RESULTS}/latest")
    last = published.post(RESULTS, json=part(2))

    assert [first.status_code, second.status_code, last.status_code] == [202, 202, 201]
    assert second.json == {"tally:parts": {"received": 2, "count": 3}}
    assert too_early.status_code == 404
    assert last.json["success"] is True
    assert [result["interactionId"] for result in last.json["testResults"]] == ["1", "2", "3"]


def test_one_part_that_failed_fails_the_whole(published):
    published.post(RESULTS, json=part(1, 2, success=False))

    whole = published.post(RESULTS, json=part(2, 2))

    assert whole.json["success"] is False


def test_a_part_that_is_sent_again_replaces_itself(published):
    published.post(RESULTS, json=part(1, 2, success=False))
    again = published.post(RESULTS, json=part(1, 2))

    whole = published.post(RESULTS, json=part(2, 2))

    assert again.status_code == 202
    assert whole.json["success"] is True


def test_parts_of_two_runs_are_not_mixed(published):
    published.post(RESULTS, json=part(1, 2, run="a"))

    assert published.post(RESULTS, json=part(2, 2, run="b")).status_code == 202


def test_the_last_parts_may_arrive_at_once(published):
    app = published.application
    numbers = range(1, 9)

    with ThreadPoolExecutor(8) as threads:
        answers = list(
            threads.map(lambda number: app.test_client().post(RESULTS, json=part(number, 8)), numbers)
        )

    assert sorted(answer.status_code for answer in answers) == [201] + [202] * 7
    assert len(published.get(f"{RESULTS}/latest").json["testResults"]) == 8


@pytest.mark.parametrize(
    ("shard", "errors"),
    [
        ("3/8", {"shard": ["must be a hash"]}),
        ({}, {"shard.run": ["is missing"], "shard.index": ["is missing"], "shard.count": ["is missing"]}),
        ({"run": "a", "index": 0, "count": 2}, {"shard.index": ["must be greater than or equal to 1"]}),
        ({"run": "a", "index": 3, "count": 2}, {"shard.index": ["must not be greater than count (2)"]}),
        (
            {"run": "a", "index": 2**31, "count": 2**60},
            {
                "shard.index": ["must be less than or equal to 2147483647"],
                "shard.count": ["must be less than or equal to 2147483647"],
            },
        ),
        ({"run": "a", "index": "1", "count": 2}, {"shard.index": ["must be an integer"]}),
    ],
)
def test_a_part_that_makes_no_sense_is_refused(published, shard, errors):
    answer = published.post(RESULTS, json=a_verification_result(shard=shard))

    assert answer.status_code == 400
    assert answer.json == {"errors": errors}


def test_parts_that_disagree_about_their_number_are_refused(published):
    published.post(RESULTS, json=part(1, 3))

    answer = published.post(RESULTS, json=part(2, 4))

    assert answer.status_code == 400
    assert "[3, 4]" in answer.json["errors"]["shard.count"][0]
