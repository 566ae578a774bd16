"""Laws that every decision keeps, in random worlds."""

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st
from support.decision_model import Model
from support.decision_worlds import QUESTIONS, possible
from support.searching import search

from broker.domain.decisions.can_i_deploy import can_i_deploy
from broker.domain.decisions.matrix import Verdict
from broker.domain.decisions.selectors import Choice, Selector


@search()
@given(case=QUESTIONS)
def test_ignoring_everything_is_always_deployable(case):
    situation = possible(case).situation(case.question)
    everything = tuple(Choice(Selector(name)) for name in ("A", "B", "C"))

    decision = can_i_deploy(
        case.question, replace(situation, ignored=everything), every_version_counts=not case.one_is_enough
    )

    assert decision.deployable is True


@search()
@given(case=QUESTIONS)
def test_a_success_in_place_of_another_result_never_turns_yes_into_no(case):
    situation = possible(case).situation(case.question)
    before = decide(case, situation)
    assume(before.deployable)

    improved = tuple(
        replace(row, verdict=Verdict.SUCCESS) if row.provider_version else row for row in situation.rows
    )

    assert decide(case, replace(situation, rows=improved)).deployable


@search()
@given(case=QUESTIONS)
def test_a_failure_in_place_of_another_result_never_turns_no_into_yes(case):
    situation = possible(case).situation(case.question)
    before = decide(case, situation)
    assume(not before.deployable)

    worse = tuple(
        replace(row, verdict=Verdict.FAILED) if row.provider_version else row for row in situation.rows
    )

    assert not decide(case, replace(situation, rows=worse)).deployable


@search()
@given(case=QUESTIONS, data=st.data())
def test_one_more_success_never_turns_yes_into_no(case, data):
    before, after = with_one_more(case, "verified", data)

    assert after.deployable or not before.deployable


@search()
@given(case=QUESTIONS, data=st.data())
def test_one_more_failure_never_turns_no_into_yes(case, data):
    # A result may make a version count that is ignored, in place of one that nobody knows.
    case.ignored = tuple(selector for selector in case.ignored if selector.is_open)

    before, after = with_one_more(case, "failed", data)

    assert before.deployable or not after.deployable


@search()
@given(case=QUESTIONS)
def test_the_order_in_which_pacts_and_results_are_published_does_not_matter(case):
    # What is latest depends on the order in which versions come, so they all come first.
    model = possible(case)
    versions = [("version", [name, number]) for name, number in model.versions]
    placed = [event for event in case.events if event[0] not in {"pact", "verified", "failed"}]
    pacts = [("pact", words[:4]) for verb, words in case.events if verb == "pact"]
    results = {tuple(words): verb for verb, words in case.events if verb in {"verified", "failed"}}
    ordered = [(verb, list(words)) for words, verb in results.items()]

    one = world([*versions, *placed, *pacts, *ordered])
    other = world([*versions, *placed, *pacts[::-1], *ordered[::-1]])

    assert decide(case, one.situation(case.question)) == decide(case, other.situation(case.question))


@search()
@given(case=QUESTIONS)
def test_the_strict_rule_never_allows_what_the_pact_broker_forbids(case):
    situation = possible(case).situation(case.question)
    lenient = can_i_deploy(case.question, situation, every_version_counts=False)
    strict = can_i_deploy(case.question, situation, every_version_counts=True)

    assert strict.deployable is not True or lenient.deployable is True


@search()
@given(case=QUESTIONS)
def test_the_answer_follows_from_the_counts(case):
    decision = decide(case, possible(case).situation(case.question))

    assert decision.success + decision.failed + decision.unknown >= len(decision.considered)
    if decision.deployable:
        assert decision.failed == decision.unknown == 0
    if decision.deployable is None:
        assert decision.unknown


@search()
@given(case=QUESTIONS)
def test_the_order_in_which_rows_are_found_does_not_matter(case):
    situation = possible(case).situation(case.question)

    assert decide(case, replace(situation, rows=situation.rows[::-1])) == decide(case, situation)


def with_one_more(case, verb, data):
    """Decide before and after a result, which is not the first thing that is heard of its version."""
    model = possible(case)
    assume(model.pacts)
    before = decide(case, model.situation(case.question))
    (consumer, version), provider = data.draw(st.sampled_from(sorted(model.pacts)))
    number = data.draw(st.sampled_from(sorted(number for name, number in model.versions if name == provider)))
    getattr(model, verb)(provider, number, consumer, version)
    return before, decide(case, model.situation(case.question))


def world(events):
    model = Model()
    for verb, words in events:
        getattr(model, verb)(*words)
    return model


def decide(case, situation):
    return can_i_deploy(case.question, situation, every_version_counts=not case.one_is_enough)
