"""Files made with every matcher, verified by `tally verify`'s engine and by the Rust core's."""

import json

import pytest
from support.answering_provider import Answer, answering
from support.recorded_matchers import ANSWERS, IN_A_PART, JSON, OTHERS, AnswerCase
from support.recorded_pacts import pact_of

from consumer_sdk import DeclarationError
from consumer_sdk.declarations import HttpDeclaration
from consumer_sdk.documents import interaction_document
from verifier import Verifier

CASES = [*JSON, *OTHERS, *ANSWERS]


def answer(asked):
    """Answer "/kept/0" with what keeps the rule of the first case, "/broken/0" with what breaks it."""
    if asked.method == "POST":
        return as_json({"number": 8})
    _, kind, number = asked.path.split("/")
    case = CASES[int(number)]
    said = getattr(case, kind)
    if isinstance(said, Answer):
        return said
    content_type = getattr(case.body, "content_type", "")
    return Answer(said, headers=(("Content-Type", content_type),)) if content_type else as_json(said)


def as_json(value):
    return Answer(json.dumps(value).encode(), headers=(("Content-Type", "application/json"),))


@pytest.fixture(scope="module")
def provider():
    with answering(answer) as provider:
        yield provider.url


def declared(case, path, specification):
    response = case.declared if isinstance(case, AnswerCase) else {"status": 200, "body": case.body}
    name = f"{case.name} {path.split('/')[1]}"
    declaration = HttpDeclaration(name, specification).given("there is a number").with_request("GET", path)
    return interaction_document(declaration.will_respond_with(**response), specification)


def interactions(specification):
    """Return the interactions that the version can say."""
    found = []
    for number, case in enumerate(CASES):
        if case.name == "header several" and specification != "V4":
            continue  # one line there, which the core does not take several lines for
        try:
            found += [declared(case, f"/{kind}/{number}", specification) for kind in ("kept", "broken")]
        except DeclarationError as error:
            assert specification in str(error)  # noqa: PT017 - the others are recorded
    return found


@pytest.fixture
def pact_file(tmp_path, specification):
    return pact_of(interactions(specification), specification, tmp_path)


@pytest.mark.parametrize("engine", ["tallystick", "pact-core"])
@pytest.mark.parametrize(("specification", "count"), [("V4", len(CASES)), ("V3", 58), ("V2", 19)])
def test_every_recorded_rule_accepts_what_keeps_it_and_refuses_what_breaks_it(
    engine, provider, pact_file, count
):
    states = f"{provider}/states"
    report = Verifier(provider=provider, engine=engine, state_change_url=states).add_pact(pact_file).run()

    results = report.contracts[0].results
    wrong = [
        (result.case.description, [mismatch.message for mismatch in result.mismatches], result.problem)
        for result in results
        if result.passed != result.case.description.endswith("kept")
        and not (engine == "pact-core" and result.case.description.endswith(f"{IN_A_PART} broken"))
    ]
    assert wrong == []
    assert len(results) == 2 * count
