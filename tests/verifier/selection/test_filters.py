"""Which interactions are verified: by tag, and by what failed before. Nothing is left out in silence."""

import pytest
from support.factories import a_pact, an_interaction

from verifier.contracts.cases import tags_in
from verifier.selection.last_run import last_run_file, saved_failures

PAID, LOST = {"id": 1, "status": "paid"}, {"id": 1, "status": "lost"}


def tagged(description, *tags):
    return an_interaction(
        description, type="Synchronous/HTTP", response={"status": 200}, comments={"tags": list(tags)}
    )


@pytest.fixture
def tagged_pact(pact_file):
    interactions = (tagged("one", "smoke"), tagged("two", "slow", "nightly"), tagged("three"))
    return pact_file(a_pact(*interactions, metadata={"pactSpecification": {"version": "4.0"}}))


def test_interactions_are_chosen_by_a_tag_in_their_comments(keeping, tally_verify, tagged_pact):
    one = tally_verify(tagged_pact, "--provider-url", keeping.url, "--filter-tag", "smoke")
    two = tally_verify(
        tagged_pact, "--provider-url", keeping.url, "--filter-tag", "smoke", "--filter-tag", "nightly"
    )

    assert ("✓ one" in one.stdout, "two" in one.stdout, "1 passed" in one.stdout) == (True, False, True)
    assert "2 passed" in two.stdout


def test_a_tag_that_nothing_has_is_no_success_and_names_those_there_are(keeping, tally_verify, tagged_pact):
    ended = tally_verify(tagged_pact, "--provider-url", keeping.url, "--filter-tag", "smok")

    assert ended.exit_code == 2
    assert "The filters match none of the 3 interactions" in ended.stderr
    assert "The tags are nightly, slow, smoke." in ended.stderr


@pytest.mark.parametrize(
    ("comments", "tags"),
    [
        ({}, ()),
        ({"tags": ["a", "b"]}, ("a", "b")),
        ({"tags": "a"}, ("a",)),
        ({"tags": {"a": 1}}, ()),
        ({"tags": [1, "a"]}, ("a",)),
        ({"text": ["tags"]}, ()),
    ],
)
def test_tags_are_texts_under_tags(comments, tags):
    assert tags_in(comments) == tags


def test_what_failed_is_verified_again_alone(provider, tally_verify, pact_file):
    provider.on("GET", "/orders/1", PAID)
    provider.on("GET", "/orders/2", LOST)
    broken = an_interaction("broken", request={"method": "GET", "path": "/orders/2"})
    pact = pact_file(a_pact(an_interaction("kept"), broken))
    first = tally_verify(pact, "--provider-url", provider.url)

    again = tally_verify(pact, "--provider-url", provider.url, "--last-failed")
    provider.on("GET", "/orders/2", PAID)
    repaired = tally_verify(pact, "--provider-url", provider.url, "--last-failed")
    nothing_left = tally_verify(pact, "--provider-url", provider.url, "--last-failed")

    assert "1 passed, 1 failed" in first.stdout
    assert "0 passed, 1 failed" in again.stdout
    assert "1 passed, 0 failed" in repaired.stdout
    assert nothing_left.exit_code == 2
    assert "Nothing failed when it last ran in this folder: leave out --last-failed" in nothing_left.stderr


def test_a_run_of_a_part_does_not_forget_what_failed_in_the_rest(provider, tally_verify, pact_file):
    pact = pact_file(a_pact(an_interaction("one"), an_interaction("two")))
    tally_verify(pact, "--provider-url", provider.url)
    provider.on("GET", "/orders/1", PAID)
    tally_verify(pact, "--provider-url", provider.url, "--filter-description", "one")

    ended = tally_verify(pact, "--provider-url", provider.url, "--last-failed")

    assert "✓ two" in ended.stdout
    assert "1 passed, 0 failed" in ended.stdout


def test_what_a_run_did_not_come_to_has_not_failed(provider, tally_verify, pact_file):
    pact = pact_file(a_pact(*(an_interaction(name) for name in ("one", "two", "three"))))
    tally_verify(pact, "--provider-url", provider.url, "--filter-description", "two")
    tally_verify(pact, "--provider-url", provider.url, "--fail-fast")

    ended = tally_verify(pact, "--provider-url", provider.url, "--last-failed")

    assert [line.split()[1] for line in ended.stdout.splitlines() if line.startswith("  ✗")] == [
        "one,",
        "two,",
    ]


def test_every_folder_remembers_its_own_runs(provider, tally_verify, pact_file, tmp_path, monkeypatch):
    pact = pact_file(a_pact())
    tally_verify(pact, "--provider-url", provider.url)
    monkeypatch.chdir(tmp_path)

    ended = tally_verify(pact, "--provider-url", provider.url, "--last-failed")

    assert ended.exit_code == 2


def test_a_memory_that_cannot_be_read_or_kept_is_none(
    keeping, tally_verify, pact_file, tmp_path, monkeypatch
):
    blocked = tmp_path / "a-file"
    blocked.write_text("not a folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))

    ended = tally_verify(pact_file(a_pact()), "--provider-url", keeping.url)

    assert ended.exit_code == 0
    assert saved_failures(last_run_file(tmp_path)) == frozenset()
    broken = tmp_path / "broken.json"
    broken.write_text("[]")
    assert saved_failures(broken) == frozenset()


@pytest.mark.parametrize("option", [("--filter-tag", "smoke"), ("--last-failed",)])
def test_a_part_of_a_contract_is_not_published(verify_from_broker, option):
    ended = verify_from_broker("--publish", "--provider-version", "1", *option)

    assert ended.exit_code == 2
    assert "--publish would report a part of a contract as the whole" in ended.stderr
