"""Statistics, and the limits that a user sets: beside conformance, never mixed up with it."""

import pytest
from support.factories import a_pact, an_interaction

from verifier.results.statistics import percentile


@pytest.mark.parametrize(("percent", "value"), [(50, 2), (75, 3), (76, 4), (100, 4), (1, 1)])
def test_a_percentile_is_the_smallest_time_that_so_many_do_not_exceed(percent, value):
    assert percentile([1, 2, 3, 4], percent) == value


def test_without_times_there_is_no_percentile():
    assert percentile([], 95) is None


def stateless(description, path="/orders/1", status=200):
    request = {"method": "GET", "path": path}
    return an_interaction(description, providerStates=[], request=request, response={"status": status})


def test_a_budget_that_is_kept_has_a_line_and_does_not_change_the_run(keeping, tally_verify, pact_file):
    options = ("--max-p95", "30000", "--max-error-rate", "0")

    ended = tally_verify(pact_file(a_pact()), "--provider-url", keeping.url, *options)

    assert ended.exit_code == 0
    assert "Budget kept: the 95th percentile of the durations is" in ended.stdout
    assert "Budget kept: the error rate is 0.0 % of 0 % (--max-error-rate)" in ended.stdout


def test_slow_answers_fail_the_run_though_every_contract_is_kept(provider, tally_verify, pact_file):
    provider.on("GET", "/orders/1", lambda _: provider.late(0.05))
    pact = pact_file(a_pact(stateless("slow")))

    text = tally_verify(pact, "--provider-url", provider.url, "--max-p95", "20")
    document = tally_verify(pact, "--provider-url", provider.url, "--max-p95", "20", "--output", "json").json

    assert text.exit_code == 1
    assert "Passed: 1 passed, 0 failed" in text.stdout
    assert "Budget exceeded: the 95th percentile" in text.stdout
    assert "more than 20 ms (--max-p95)" in text.stdout
    assert "Change the provider so that it keeps the contracts" not in text.stdout
    assert (document["passed"], document["conformance"], document["exitCode"]) == (False, True, 1)
    assert document["budgets"][0]["exceeded"] is True
    assert document["budgets"][0]["measured"] == document["statistics"]["p95Ms"] >= 50


def test_errors_are_silence_and_5xx_that_nobody_wants(provider, tally_verify, pact_file):
    provider.on("GET", "/wanted", status=503)
    provider.on("GET", "/unwanted", status=503)
    provider.on("GET", "/wrong", status=404)
    provider.on("GET", "/silent", lambda _: provider.hang_up())
    pact = a_pact(
        stateless("wanted", "/wanted", 503),
        stateless("unwanted", "/unwanted"),
        stateless("wrong", "/wrong"),
        stateless("silent", "/silent"),
    )

    ended = tally_verify(pact_file(pact), "--provider-url", provider.url, "--max-error-rate", "49.5")

    assert "Budget exceeded: the error rate is 50.0 %, more than 49.5 % (--max-error-rate)" in ended.stdout
    assert "Failed: 1 passed, 3 failed" in ended.stdout


def test_a_budget_that_nothing_was_measured_for_is_not_kept(provider, tally_verify, pact_file):
    provider.on("GET", "/orders/1", lambda _: provider.hang_up())
    pending = {"type": "Synchronous/HTTP", **an_interaction(), "pending": True, "response": {"status": 200}}
    pact = pact_file(a_pact(pending, metadata={"pactSpecification": {"version": "4.0"}}))

    ended = tally_verify(pact, "--provider-url", provider.url, "--max-p95", "500")

    assert ended.exit_code == 2
    assert "Budget not measured: the 95th percentile of the durations may be 500 ms" in ended.stdout


def test_the_slowest_are_named_slowest_first(provider, tally_verify, pact_file):
    for number in range(6):
        provider.on("GET", f"/{number}", lambda _, number=number: provider.late(0.3 if number == 3 else 0))
    pact = pact_file(a_pact(*(stateless(f"number {number}", f"/{number}") for number in range(6))))

    text = tally_verify(pact, "--provider-url", provider.url)
    measured = tally_verify(pact, "--provider-url", provider.url, "--output", "json").json["statistics"]

    below = text.stdout.partition("Durations: p50 ")[2].splitlines()
    assert below[0].endswith("(6 responses)")
    assert "number 3 (Shop)" in below[1]
    assert measured["slowest"][0]["description"] == "number 3"
    assert measured["answered"] == measured["asked"] == 6
    assert measured["p50Ms"] <= measured["p95Ms"] <= measured["p99Ms"]


@pytest.mark.parametrize("options", [("--max-p95", "-1"), ("--max-error-rate", "101"), ("--repeat", "0")])
def test_limits_that_make_no_sense_are_refused(tally_verify, pact_file, options):
    ended = tally_verify(pact_file(a_pact()), "--provider-url", "http://localhost:1", *options)

    assert ended.exit_code == 2
    assert options[0] in ended.stderr
