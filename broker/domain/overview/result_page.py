"""What the page of a result says: equal failures together, and what is different from the run before."""

import re
from collections.abc import Mapping, Sequence

from broker.domain.overview.pact_page import JudgedInteraction
from broker.domain.verifications.failing_since import FailedResult
from broker.domain.verifications.interaction_outcomes import Problem
from tally.values import dataclass

_INDEX = re.compile(r"\[\d+\]")
_VALUE = re.compile(r"'[^']*'|\"[^\"]*\"|\d+(?:\.\d+)?")


@dataclass(frozen=True)
class EqualFailures:
    """A problem that several interactions have; values and places in lists may differ."""

    problem: Problem
    interactions: Sequence[JudgedInteraction]


@dataclass(frozen=True)
class Compared:
    """What is different from an earlier run of the same pact: descriptions of interactions."""

    newly_failed: Sequence[str]
    still_failed: Sequence[str]
    no_longer_failed: Sequence[str]


def equal_failures(judged: Sequence[JudgedInteraction]) -> list[EqualFailures]:
    """Return each kind of problem with the interactions that have it, the most frequent first."""
    found: dict[tuple[str, ...], tuple[Problem, dict[str, JudgedInteraction]]] = {}
    for item in judged:
        for problem in item.outcome.problems:
            _, having_it = found.setdefault(_kind(problem), (problem, {}))
            having_it.setdefault(item.read.anchor, item)
    groups = [EqualFailures(problem, list(items.values())) for problem, items in found.values()]
    return sorted(groups, key=lambda group: -len(group.interactions))


def _kind(problem: Problem) -> tuple[str, ...]:
    """Return what is equal in problems that have the same cause, as far as the texts can tell."""
    place = _INDEX.sub("[*]", problem.path or problem.place)
    return (problem.attribute, place, _VALUE.sub("…", problem.text.replace(problem.path or "\0", "")))


def compared(now: FailedResult | None, before: FailedResult | None) -> Compared:
    """Return what failed now and before; None is a success."""
    failed, earlier = _by_key(now), _by_key(before)
    return Compared(
        [name for key, name in failed.items() if key not in earlier],
        [name for key, name in failed.items() if key in earlier],
        [name for key, name in earlier.items() if key not in failed],
    )


def _by_key(failed: FailedResult | None) -> Mapping[str, str]:
    return {item.key: item.description for item in failed.interactions} if failed else {}
