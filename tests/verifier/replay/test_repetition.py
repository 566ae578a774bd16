"""Interactions that pass only sometimes, and runs that end with the first failure."""

from support.factories import a_pact, an_interaction

PAID, LOST = {"id": 1, "status": "paid"}, {"id": 1, "status": "lost"}


def test_an_interaction_that_passes_only_sometimes_is_flaky_and_fails_the_run(
    provider, tally_verify, pact_file
):
    provider.in_turn("GET", "/orders/1", PAID, LOST)
    pact = pact_file(a_pact())

    text = tally_verify(pact, "--provider-url", provider.url, "--repeat", "4")
    document = tally_verify(pact, "--provider-url", provider.url, "--repeat", "4", "--output", "json").json

    assert text.exit_code == 1
    assert "≈ a request for order 1, given an order exists (id=1) [body, passed 2 of 4]" in text.stdout
    assert "Failed: 0 passed, 0 failed, 1 flaky" in text.stdout
    assert 'Expected "paid" at $.status, but got "lost"' in text.stdout
    (result,) = document["contracts"][0]["results"]
    assert (result["outcome"], result["runs"]) == ("flaky", {"passed": 2, "total": 4})
    assert len(provider.asked) == 8


def test_what_always_passes_or_always_fails_is_not_flaky(provider, tally_verify, pact_file):
    provider.on("GET", "/orders/1", PAID)
    failing = an_interaction("failing", providerStates=[], request={"method": "GET", "path": "/no"})
    pact = pact_file(a_pact(an_interaction(providerStates=[]), failing))

    ended = tally_verify(pact, "--provider-url", provider.url, "--repeat", "3")

    assert "Failed: 1 passed, 1 failed in" in ended.stdout
    assert len(provider.asked) == 6


def test_a_pending_interaction_may_be_flaky(provider, tally_verify, pact_file):
    provider.in_turn("GET", "/orders/1", PAID, LOST)
    body = {"content": PAID, "contentType": "application/json"}
    interaction = an_interaction(
        type="Synchronous/HTTP", pending=True, response={"status": 200, "body": body}
    )
    pact = pact_file(a_pact(interaction, metadata={"pactSpecification": {"version": "4.0"}}))

    ended = tally_verify(pact, "--provider-url", provider.url, "--repeat", "2")

    assert ended.exit_code == 0
    assert "1 pending" in ended.stdout


def test_a_flaky_contract_is_published_as_broken(hal_broker, provider, verify_from_broker):
    provider.in_turn("GET", "/orders/1", PAID, LOST)
    hal_broker.offers(a_pact())

    verify_from_broker("--publish", "--provider-version", "1", "--repeat", "2")

    assert hal_broker.results()[0]["success"] is False


def test_a_run_may_end_with_the_first_failure_and_says_what_it_did_not_come_to(
    provider, tally_verify, pact_file
):
    provider.on("GET", "/orders/1", LOST)
    pact = pact_file(a_pact(an_interaction("first"), an_interaction("second"), an_interaction("third")))

    ended = tally_verify(pact, "--provider-url", provider.url, "--fail-fast", "--concurrency", "1")

    assert ended.exit_code == 1
    assert "0 passed, 1 failed, 2 not-checked" in ended.stdout
    assert "The run ended with the first failure (--fail-fast)." in ended.stdout
    assert len(provider.asked) == 1


def test_a_run_that_ends_early_verifies_no_further_contract(provider, tally_verify, pact_file, tmp_path):
    provider.on("GET", "/orders/1", LOST)
    pact_file(a_pact(consumer="A"), "a.json")
    pact_file(a_pact(consumer="B"), "b.json")

    ended = tally_verify(tmp_path, "--provider-url", provider.url, "--exit-on-first-error")

    assert "1 failed, 1 not-checked" in ended.stdout
    assert len(provider.asked) == 1


def test_the_part_of_a_contract_that_was_asked_is_not_published_as_the_whole(
    hal_broker, provider, verify_from_broker
):
    provider.on("GET", "/orders/1", LOST)
    hal_broker.offers(a_pact(an_interaction("first"), an_interaction("second")))

    ended = verify_from_broker("--publish", "--provider-version", "1", "--fail-fast")

    assert hal_broker.results() == []
    assert "was not published: not all of it could be checked" in ended.stdout


def test_what_is_pending_does_not_end_a_run(hal_broker, provider, verify_from_broker):
    provider.on("GET", "/orders/1", LOST)
    hal_broker.offers(a_pact(an_interaction("first"), an_interaction("second")), pending=True)

    ended = verify_from_broker("--enable-pending", "--fail-fast")

    assert "0 passed, 0 failed, 2 pending" in ended.stdout
