"""An assistant hears the same verdict as `tally can-i-deploy`, whatever happened and whatever is asked."""

import json
import re
from itertools import count

import pytest
from click.testing import CliRunner
from hypothesis import Phase, given, settings
from support import decision_cases
from support.asked_broker import asked_broker
from support.decision_worlds import QUESTIONS, possible
from support.decisions_over_http import expect, happen
from support.searching import search

from tally.assistants.answers import ToolError
from tally.cli import tally

WITHOUT_SHRINKING = settings(search(10, is_fixed=True), phases=[Phase.explicit, Phase.reuse, Phase.generate])
ENVIRONMENTS = ("production", "test")
NAMED = ("version", "tag", "branch", "main_branch")
UNKNOWN = re.compile("`(Foo|Bar|Baz|Con|Pro)\\S* has no (version|branch)|knows no application `Bax")
"""What the cases misspell: the tool refuses it, where the command says no or ignores it."""
_worlds = count()


@pytest.fixture(scope="module")
def broker():
    with asked_broker() as found:
        yield found


def can_be_asked(case):
    """Whether both the tool and the command can ask what the case asks."""
    (first, *others), target = case.selectors, case.target
    names = [selector.pacticipant for selector in case.selectors]
    return (
        any(getattr(first, name) for name in NAMED)
        and (first.version or first.latest)
        and len(set(names)) == len(names)
        and all(other.version for other in others)
        and not any(ignored.version for ignored in case.ignored)
        and bool(target.environment or target.tag)
        and not case.one_is_enough
    )


def words_of(case, own):
    """Return how an assistant asks what the case asks, and how the command does."""
    (first, *others), target = case.selectors, case.target
    ignored = [own(each.pacticipant) for each in case.ignored]
    tool = {
        "pacticipant": own(first.pacticipant),
        **{name: value for name in NAMED if (value := getattr(first, name))},
        "together_with": {own(other.pacticipant): other.version for other in others},
        "ignore": ignored,
        **({"environment": own(target.environment)} if target.environment else {"to_tag": own(target.tag)}),
    }
    command = ["-a", own(first.pacticipant)]
    command += ["-e", first.version] if first.version else []
    command += ["--branch", first.branch, "--latest"] if first.branch else []
    command += ["--main-branch", "--latest"] if first.main_branch else []
    command += ["--latest", own(first.tag)] if first.tag else []
    command += [word for other in others for word in ("-a", own(other.pacticipant), "-e", other.version)]
    command += [word for name in ignored for word in ("--ignore", name)]
    command += (
        ["--to-environment", own(target.environment)] if target.environment else ["--to", own(target.tag)]
    )
    return ({**tool, "tag": own(first.tag)} if first.tag else tool), command


def in_a_world_of_its_own(broker, case):
    """Let the case happen with names that no other case has; return what gives a name of the case its own."""
    number = next(_worlds)

    def own(word):
        is_name = word[:1].isupper() or word in {*ENVIRONMENTS, "prod"}
        return f"{word}-{number}" if is_name else word

    for name in ENVIRONMENTS:
        expect(broker.client.post("/environments", json={"name": own(name), "production": False}), 201)
    case.events = [(verb, list(map(own, words))) for verb, words in case.events]
    happen(case, broker.happened)
    return own


def check(broker, case):
    """Return the verdict of both, or why the tool refuses to answer."""
    tool, command = words_of(case, in_a_world_of_its_own(broker, case))

    run = CliRunner().invoke(tally, ["can-i-deploy", *command, "-b", broker.url, "-o", "json"])
    try:
        answer = broker.ask("can_i_deploy", **tool)
    except ToolError as error:
        return str(error)

    said = json.loads(run.stdout)
    if answer["summary"].startswith("Not known: "):  # the command says yes to a tag that nobody has
        assert (said["matrix"], answer["data"]["deployable"]) == ([], None)
        return None
    expected = said["summary"]["deployable"]
    assert answer["data"]["deployable"] is expected
    assert answer["summary"].startswith("Yes: " if run.exit_code == 0 else "No: ")
    return expected


def test_the_verdict_of_each_case_is_that_of_the_command(broker):
    cases = [case for case in decision_cases.read() if can_be_asked(case)]
    assert len(cases) > 40

    answers = [check(broker, case) for case in cases]

    refusals = [answer for answer in answers if isinstance(answer, str)]
    assert [text for text in refusals if not UNKNOWN.search(text)] == []
    assert {True, False, None} <= set(answers)
    assert len(refusals) < len(answers) / 4


@WITHOUT_SHRINKING
@given(QUESTIONS.filter(can_be_asked))
def test_the_verdict_in_a_random_world_is_that_of_the_command(broker, case):
    possible(case)

    check(broker, case)
