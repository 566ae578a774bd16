"""Our engine and the Rust core on cases from a seed: every difference is one that the documentation lists.

`python tests/benchmarks/run_differential.py` does the same with as many cases as you like.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from differential.answers import interaction_of, known_difference_of
from differential.bodies import body_case, of_the_core, ours
from differential.known import LOOSER, STRICTER, known_difference
from differential.requests import (
    core_about_request,
    known_difference_of_request,
    ours_about_request,
    request_case,
)
from support.factories import a_pact

DOCUMENTATION = Path(__file__).parents[3] / "docs" / "matching-differences.md"
PACT = Path(sys.executable).with_name("pact")


@pytest.mark.parametrize("first", range(0, 3000, 500))
def test_both_engines_judge_json_bodies_alike_but_for_what_is_documented(first):
    unexplained = []
    for case in map(body_case, range(first, first + 500)):
        own, core = ours(case), of_the_core(case)
        if (own == ()) != (core == ()) and known_difference(case, own, core) is None:
            unexplained.append(str(case))

    assert unexplained == []


def test_the_cases_are_of_every_kind():
    cases = [body_case(seed) for seed in range(1000)]

    accepted = sum(ours(case) == () for case in cases)
    names = {rule["match"] for case in cases for rules in case.rules.values() for rule in rules["matchers"]}
    assert 100 < accepted < 900
    assert len(names) >= 18


def test_a_seed_always_makes_the_same_case():
    assert str(body_case(7)) == str(body_case(7))
    assert interaction_of(7) == interaction_of(7)


def test_both_verifiers_judge_answers_alike_but_for_what_is_documented(
    provider, tally_verify, pact_file, tmp_path
):
    cases = {str(seed): interaction_of(seed) for seed in range(150)}
    for number, (_, answer) in cases.items():
        headers = {name.replace("-", "_"): value for name, value in answer["headers"].items()}
        body = b"" if answer["status"] == 204 else answer["body"].encode()
        provider.on("GET", f"/{number}", body, status=answer["status"], **headers)
    pact = pact_file(a_pact(*(interaction for interaction, _ in cases.values())))

    own = tally_verify(pact, "--provider-url", provider.url, "--output", "json").json
    core = verified_by_the_core(pact, provider.url, tmp_path / "core.json")

    passed = {
        result["description"]: result["outcome"] == "passed" for result in own["contracts"][0]["results"]
    }
    different = [number for number in cases if passed[number] != core[number]]
    assert [cases[number] for number in different if known_difference_of(*cases[number]) is None] == []
    assert 20 < sum(passed.values()) < 130


def verified_by_the_core(pact, url, report):
    """Return for each description whether the Rust verifier is content."""
    port = url.rpartition(":")[2]
    command = [PACT, "verifier", "--file", pact, "--hostname", "127.0.0.1", "--port", port, "--json", report]
    subprocess.run(command, capture_output=True, check=False)
    results = json.loads(report.read_text())["interactionResults"]
    return {result["description"]: result["result"] == "OK" for result in results}


def test_both_engines_judge_requests_alike_but_for_what_is_documented():
    cases = [request_case(seed) for seed in range(500)]
    verdicts = [(ours_about_request(*case) == (), core_about_request(*case) == []) for case in cases]

    different = [case for case, (own, core) in zip(cases, verdicts, strict=True) if own is not core]

    assert [case for case in different if known_difference_of_request(*case) is None] == []
    assert 50 < sum(own for own, _ in verdicts) < 450


def test_every_difference_that_is_accepted_is_documented():
    headings = DOCUMENTATION.read_text(encoding="utf-8").splitlines()

    others = ("Rules about a whole form", "Further fields of a form", "Header values with commas")
    for name in (*STRICTER, *LOOSER, *others):
        assert f"### {name}" in headings
