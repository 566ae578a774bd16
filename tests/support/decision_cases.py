"""The table of cases in data/decisions/can-i-deploy.txt, as values."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from support.case_files import blocks

from broker.domain.decisions.can_i_deploy import Question
from broker.domain.decisions.matrix import LatestBy, Verdict
from broker.domain.decisions.selectors import Selector, Target

FILE = Path(__file__).parents[1] / "data" / "decisions" / "can-i-deploy.txt"
ANSWERS = {"yes": True, "no": False, "unknown": None}
COUNTED = ("successful", "failed", "unknown", "ignored")
ONLY = {
    "successful": Verdict.SUCCESS,
    "failed": Verdict.FAILED,
    "unverified": Verdict.UNKNOWN,
}


@dataclass
class Case:
    """One case: what happened, what is asked, and what has to be answered."""

    title: str
    events: list[tuple[str, list[str]]] = field(default_factory=list)
    one_is_enough: bool = False
    selectors: tuple[Selector, ...] = ()
    target: Target = field(default_factory=Target)
    ignored: tuple[Selector, ...] = ()
    latest_by: LatestBy = LatestBy.CVPV
    only: frozenset[Verdict] = frozenset()
    deployable: bool | None = None
    counts: dict[str, int] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)

    @property
    def question(self) -> Question:
        """What is asked, as the broker sees it."""
        return Question(self.selectors, self.target, self.ignored, self.latest_by, self.only)


def read() -> list[Case]:
    """Return every case of the file; its headings are for the reader."""
    cases = [_case(*block) for block in blocks(FILE)]
    return [case for case in cases if case.events or case.selectors]  # a heading has neither


def _case(title: str, lines: list[tuple[str, str]]) -> Case:
    case = Case(title)
    for verb, rest in lines:
        _read(case, verb, rest)
    return case


def _read(case: Case, verb: str, rest: str) -> None:
    if verb == "ask":
        asked, _, target = rest.partition(" to ")
        case.selectors = tuple(_selector(text) for text in asked.split(" and "))
        case.target = _target(target)
    elif verb == "ignore":
        case.ignored = (*case.ignored, _selector(rest))
    elif verb == "latestby":
        case.latest_by = LatestBy(rest)
    elif verb == "only":
        case.only = frozenset({ONLY[rest]})
    elif verb == "setting":
        assert rest == "one-is-enough"
        case.one_is_enough = True
    elif verb == "answer":
        answer, _, counts = rest.partition(":")
        case.deployable = ANSWERS[answer]
        found = {name: int(number) for number, name in re.findall(r"(\d+) (\w+)", counts)}
        case.counts = {name: found.pop(name, 0) for name in COUNTED}
        assert not found
    elif verb == "because":
        case.reasons.append(rest)
    else:
        assert verb in {"version", "pact", "verified", "failed", "deployed", "released", "taken"}, verb
        case.events.append((verb, rest.split()))


def _selector(text: str) -> Selector:
    name, _, rest = text.partition(" ")
    latest = rest == "latest" or rest.startswith("latest ")
    words = rest.removeprefix("latest").split()
    match words:
        case [] | ["any"]:
            return Selector(name, latest=latest)
        case ["main", "branch"]:
            return Selector(name, main_branch=True, latest=latest)
        case ["branch", branch]:
            return Selector(name, branch=branch, latest=latest)
        case ["tag", tag]:
            return Selector(name, tag=tag, latest=latest)
        case ["in", environment]:
            return Selector(name, environment=environment)
    (number,) = words
    return Selector(name, version=number)


def _target(text: str) -> Target:
    match text.split():
        case []:
            return Target()
        case ["latest"]:
            return Target(latest=True)
        case ["main", "branch"]:
            return Target(main_branch=True, latest=True)
        case ["branch", branch]:
            return Target(branch=branch, latest=True)
        case ["tag", tag]:
            return Target(tag=tag, latest=True)
    return Target(environment=text)
