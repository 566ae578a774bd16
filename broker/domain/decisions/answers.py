"""The answer to "can I deploy?" for people: a word, a sentence with counts, and what stands in the way."""

from collections.abc import Iterator, Sequence
from enum import Enum

from broker.domain.decisions.can_i_deploy import Decision
from broker.domain.decisions.matrix import Row, Verdict
from broker.domain.decisions.obstacles import Obstacle
from broker.domain.decisions.reasons import AboutRow, Reason, VersionMissing
from broker.domain.decisions.selectors import Target
from tally.amounts import counted
from tally.values import dataclass


class Answer(Enum):
    """The word. While results are missing it is no, too, when something has failed: that will not pass."""

    YES = "Yes"
    NO = "No"
    UNKNOWN = "Not yet"


@dataclass(frozen=True)
class InTheWay:
    """A reason for a no; *obstacle* is None when it is about no row, or about one of too many."""

    reason: Reason
    obstacle: Obstacle | None


def answer(decision: Decision) -> Answer:
    """Return the word for what programs read as true, false or null."""
    if decision.deployable:
        return Answer.YES
    return Answer.UNKNOWN if decision.deployable is None and not decision.failed else Answer.NO


def sentence(decision: Decision, target: Target) -> str:
    """Return how many contracts there are, and how many of them do not hold."""
    total = decision.success + decision.failed + decision.unknown
    others = between(target)
    missing = [reason.text for reason in decision.reasons if isinstance(reason, VersionMissing)]
    if missing:
        return ". ".join(missing) + "."
    if not total:
        return f"Nobody needs it: no contract {others} needs a result."
    broken = decision.failed + decision.unknown
    if total == 1:
        became = "failed" if decision.failed else "has no result yet" if broken else "holds"
        return f"The contract {others} {became}."
    contracts = counted(total, "contract")
    if not broken:
        return f"All {contracts} {others} hold."
    if not decision.failed:
        have = "has no result yet" if broken == 1 else "have no result yet"
        return f"{broken} of {contracts} {others} {have}."
    hold = "does not hold" if broken == 1 else "do not hold"
    return f"{broken} of {contracts} {others} {hold}: {_parts(decision)}."


def between(target: Target) -> str:
    """Return in words with which versions of the other applications the contracts are that count."""
    if target.environment is not None:
        return f"with what is in {target.environment}"
    which = "with the latest versions" if target.latest else "with the versions"
    if target.tag is not None:
        return f"{which} that have the tag {target.tag}"
    if target.branch is not None:
        return f"{which} from the branch {target.branch}"
    if target.main_branch:
        return f"{which} from the main branches"
    return f"{which} of the others" if target.latest else "between these versions"


def in_the_way(decision: Decision, obstacles: Sequence[Obstacle]) -> list[InTheWay]:
    """Return every reason for a no, in the order of the reasons, with the obstacle where one explains it."""
    by_row = {id(obstacle.row): obstacle for obstacle in obstacles}
    return [
        InTheWay(reason, by_row.get(id(reason.row)) if isinstance(reason, AboutRow) else None)
        for reason in decision.reasons
        if reason.type == "error"
    ]


def holding(decision: Decision) -> list[Row]:
    """Return the rows of the contracts that hold."""
    return [row for row in decision.considered if row.verdict is Verdict.SUCCESS]


def _parts(decision: Decision) -> str:
    return " and ".join(_counts(decision))


def _counts(decision: Decision) -> Iterator[str]:
    yield f"{decision.failed} failed"
    if decision.unknown:
        yield f"{decision.unknown} {'has' if decision.unknown == 1 else 'have'} no result"
