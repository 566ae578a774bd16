"""What a result says of each interaction, in the formats of the verifiers."""

import orjson
import pytest

from broker.domain.verifications.interaction_outcomes import InteractionOutcome, Problem, outcomes


def read(results, identifier="1", description="a request"):
    return outcomes(orjson.dumps(results)).of(identifier, description)


def test_an_interaction_is_found_by_its_id_before_its_description():
    results = [
        {"interactionId": "1", "interactionDescription": "a request", "success": True},
        {"interactionId": "2", "interactionDescription": "a request", "success": False},
    ]

    assert read(results, "1").success is True
    assert read(results, "2").success is False
    assert read(results, None).success is False, "of two with one description, the worse"


def test_the_rust_verifier_names_the_place_beside_the_sentence():
    mismatches = [
        {
            "attribute": "body",
            "description": "Expected 'open' to be equal to 'paid'",
            "identifier": "$.status",
        },
        {"attribute": "status", "description": "expected 200 but was 404"},
    ]

    found = read([{"interactionId": "1", "success": False, "mismatches": mismatches}])

    assert found == InteractionOutcome(
        success=False,
        problems=(
            Problem(
                "body $.status", "Expected 'open' to be equal to 'paid'", attribute="body", path="$.status"
            ),
            Problem("status", "expected 200 but was 404", attribute="status"),
        ),
    )


def test_a_place_that_is_in_the_sentence_is_not_told_twice():
    mismatch = {"attribute": "body", "identifier": "$.id", "description": "Expected 1 at $.id, but got 2"}

    found = read([{"interactionId": "1", "success": False, "mismatches": [mismatch]}])

    assert found.problems == (Problem("", "Expected 1 at $.id, but got 2", attribute="body", path="$.id"),)


def test_what_stopped_the_verifier_is_told_too():
    found = read([{"interactionId": "1", "success": False, "exceptions": [{"message": "no answer"}]}])

    assert found.problems == (Problem("", "no answer"),)


def test_the_ruby_verifier_has_several_tests_for_one_interaction():
    tests = [
        {"interactionDescription": "a request", "status": "passed"},
        {
            "interactionDescription": "a request",
            "status": "failed",
            "exception": {"message": "has status 200"},
        },
    ]

    assert read({"tests": tests}) == InteractionOutcome(
        success=False, problems=(Problem("", "has status 200"),)
    )


@pytest.mark.parametrize(
    "results", [None, 1, "text", {}, {"tests": 1}, [1, None, []], [{"interactionId": 1}]]
)
def test_results_in_no_known_form_say_nothing(results):
    assert read(results) == InteractionOutcome()


@pytest.mark.parametrize(
    "odd", [{"mismatches": 1}, {"mismatches": [1, {}]}, {"exceptions": [{"message": 1}]}]
)
def test_odd_parts_of_a_result_do_no_harm(odd):
    assert read([{"interactionId": "1", **odd}]).success is False


def test_no_results_say_nothing():
    assert outcomes(None).of("1", "a request") == InteractionOutcome()
