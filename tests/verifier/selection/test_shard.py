"""A run in several parts, on several machines."""

import pytest
from support.factories import a_pact, an_interaction


def described(ended):
    return {result["description"] for contract in ended.json["contracts"] for result in contract["results"]}


@pytest.fixture
def many(pact_file):
    return pact_file(a_pact(*(an_interaction(f"request {number}") for number in range(40))))


def test_every_interaction_is_in_exactly_one_part(many, keeping, tally_verify):
    parts = [
        described(tally_verify(many, "--provider-url", keeping.url, "--shard", f"{n}/4", "-o", "json"))
        for n in (1, 2, 3, 4)
    ]

    assert sum(map(len, parts)) == 40
    assert len(set.union(*parts)) == 40
    assert min(map(len, parts)) > 3


def test_the_part_of_an_interaction_does_not_depend_on_the_others(keeping, pact_file, tally_verify):
    few = pact_file(a_pact(an_interaction("request 7"), an_interaction("another")), "few.json")
    all_of_them = pact_file(a_pact(*(an_interaction(f"request {n}") for n in range(40))), "all.json")
    options = ("--provider-url", keeping.url, "-o", "json", "--shard")

    where = [
        [n for n in (1, 2, 3) if "request 7" in described(tally_verify(path, *options, f"{n}/3"))]
        for path in (few, all_of_them)
    ]

    assert where[0] == where[1]


def test_a_part_without_interactions_passes_and_says_so(keeping, pact_file, tally_verify):
    path = pact_file(a_pact())

    ended = [tally_verify(path, "--provider-url", keeping.url, "--shard", f"{n}/3") for n in (1, 2, 3)]

    assert [each.exit_code for each in ended] == [0, 0, 0]
    assert sum("No interaction belongs to the part" in each.stdout for each in ended) == 2


@pytest.mark.parametrize("text", ["0/4", "5/4", "3", "a/b", "1/0", "-1/4"])
def test_a_part_that_is_none_is_refused(many, keeping, tally_verify, text):
    ended = tally_verify(many, "--provider-url", keeping.url, f"--shard={text}")

    assert ended.exit_code == 2
    assert "write the part and the number of parts as 3/8" in ended.stderr


def test_a_part_is_not_published_as_the_whole_to_a_broker_that_does_not_join_parts(
    verify_from_broker, hal_broker
):
    hal_broker.offers(a_pact())

    ended = verify_from_broker("--publish", "--provider-version", "1", "--shard", "1/2")

    assert ended.exit_code == 2
    assert "The broker does not join the parts of Pact between Shop and Orders" in ended.stderr
