"""Many failures as text: those that are alike once, and at the end a short list of what failed."""

import pytest
from support.factories import a_message, a_message_pact, a_pact, an_interaction

from verifier import Verifier, explanation


def asking_for(number, body=None, **changes):
    """Return an interaction with a path of its own."""
    response = {"status": 200, "body": body or {"ok": True}}
    request = {"method": "GET", "path": f"/{number}"}
    return an_interaction(f"thing {number}", request=request, response=response, providerStates=[], **changes)


def closing(ended):
    """Return the lines of the list at the end."""
    return ended.stdout.partition("What failed, or was not checked:\n")[2].partition("\n\n")[0].splitlines()


@pytest.fixture
def verify(tally_verify, provider):
    """Verify pacts against a provider that knows nothing."""

    def verify(*arguments):
        return tally_verify(*arguments, "--provider-url", provider.url)

    return verify


def test_equal_failures_are_written_once_for_all_interactions(verify, pact_file):
    one = pact_file(a_pact(*map(asking_for, range(40))), "a.json")
    other = pact_file(a_pact(asking_for(40), consumer="App"), "b.json")

    ended = verify(one, other)

    assert ended.exit_code == 1
    assert ended.stdout.count("Expected true at $.ok") == 1
    assert "The same in 40 other interactions:\n     thing 1\n" in ended.stdout
    assert "and 35 more: --verbose writes each in full" in ended.stdout


def test_with_verbose_each_is_written_in_full(verify, pact_file):
    ended = verify(pact_file(a_pact(*map(asking_for, range(30)))), "--verbose")

    assert ended.stdout.count("Expected true at $.ok") == 30
    assert ended.stdout.count("expected body") == 30
    assert "The same in" not in ended.stdout


def test_what_differs_is_never_left_out_but_shorter_after_the_first_ones(verify, pact_file, provider):
    ended = verify(pact_file(a_pact(*(asking_for(number, {"id": number}) for number in range(30)))))

    for number in range(30):
        assert f"Expected {number} at $.id" in ended.stdout
        assert f"curl -i {provider.url}/{number}\n" in ended.stdout
    assert ended.stdout.count("expected body") == 20
    assert "After 20), failures are written in short: --verbose writes all in full." in ended.stdout


def test_in_short_every_mismatch_and_every_problem_has_its_line(verify, pact_file):
    distinct = [asking_for(number, {"id": number, "list": [number, number]}) for number in range(21)]
    bare = {**asking_for(22), "providerStates": [{"name": "broken"}]}

    ended = verify(pact_file(a_pact(*distinct, bare)), "--state-change-url", "/_states")

    _, _, short = ended.stdout.partition("\n21) ")
    assert "status: Expected 200 as the status, but got 404\n" in short
    assert "body $.id: Expected 20 at $.id" in short
    assert "responded with 404" in short.partition("\n22) ")[2].partition("\n\n")[0]


def test_a_problem_that_names_its_address_is_the_same_at_every_address(tally_verify, pact_file, provider):
    for number in range(3):
        provider.on("GET", f"/{number}", lambda _: provider.hang_up())

    ended = tally_verify(pact_file(a_pact(*map(asking_for, range(3)))), "--provider-url", provider.url)

    assert "The same in 2 other interactions:" in ended.stdout
    assert ended.stdout.count("   problem ") == 1


def test_a_failing_run_ends_with_a_short_list_of_what_failed(verify, pact_file):
    one = pact_file(a_pact(*map(asking_for, range(40))), "a.json")
    other = pact_file(a_pact(asking_for(40), consumer="App"), "b.json")
    broken = pact_file("{", "c.json")

    lines = closing(verify(one, other, broken))

    assert lines[0] == "  Pact between Shop and Orders"
    assert lines[1] == "    ✗ thing 0: Expected 200 as the status, but got 404 (and 1 more)"
    assert lines[7] == "    and 34 more of 40 interactions"
    assert lines[8] == "  Pact between App and Orders"
    assert "is not valid JSON" in lines[10]
    assert len(lines) == 11


def test_contracts_of_one_name_are_told_apart_by_their_sources(verify, pact_file):
    one, other = (pact_file(a_pact(asking_for(1)), name) for name in ("a.json", "b.json"))

    lines = closing(verify(one, other))

    assert [line for line in lines if line.startswith("  Pact")] == [
        f"  Pact between Shop and Orders ({one})",
        f"  Pact between Shop and Orders ({other})",
    ]


def test_the_list_is_bounded_however_much_fails(verify, pact_file):
    pacts = [
        pact_file(a_pact(*map(asking_for, range(5)), consumer=f"App{number}"), f"{number}.json")
        for number in range(9)
    ]
    broken = [pact_file("{", f"broken{number}.json") for number in range(5)]

    lines = closing(verify(*pacts, *broken))

    assert len(lines) <= 24
    assert "  and 3 more contracts with 15 interactions" in lines
    assert lines[-1] == "  and 2 more problems, named above"


def test_what_was_not_checked_is_in_the_list_after_what_is_broken(verify, pact_file):
    unchecked = a_pact({**asking_for(1), "providerStates": [{"name": "a state"}]}, consumer="App")
    pacts = [pact_file(unchecked, "a.json"), pact_file(a_pact(asking_for(2)), "b.json")]

    lines = closing(verify(*pacts, "--state-change-url", "/_states"))

    assert lines[0].startswith("  Pact between Shop")
    assert lines[1].startswith("    ✗ thing 2: ")
    assert lines[3].startswith("    ? thing 1, given a state: ")


def test_what_the_run_left_out_is_counted(verify, pact_file):
    lines = closing(verify(pact_file(a_pact(*map(asking_for, range(9)))), "--fail-fast"))

    assert lines[1].startswith("    ✗ thing 0: ")
    assert lines[2] == "    ? 8 interactions not replayed"


def test_a_run_that_passes_has_no_list(keeping, tally_verify, pact_file):
    ended = tally_verify(pact_file(a_pact()), "--provider-url", keeping.url)

    assert "What failed" not in ended.stdout


def test_what_is_pending_is_not_in_the_list(hal_broker, verify_from_broker):
    hal_broker.offers(a_pact(asking_for(1)), pending=True)

    ended = verify_from_broker("--enable-pending")

    assert (ended.exit_code, closing(ended)) == (0, [])


def test_a_message_that_cannot_be_had_is_in_the_list(verify, pact_file):
    lines = closing(verify(pact_file(a_message_pact(a_message())), "--message-url", "/_messages"))

    assert lines[1].startswith("    ✗ an order was paid: ")


def test_an_explanation_in_a_test_says_what_is_equal_once(provider, pact_file):
    report = Verifier(provider.url).add_pact(pact_file(a_pact(*map(asking_for, range(4))))).run()

    text = explanation(report)

    assert text.count("Expected true at $.ok") == 1
    assert "  The same in:\n    thing 1\n    thing 2\n    thing 3\n" in text
    assert "0 passed, 4 failed" in text
