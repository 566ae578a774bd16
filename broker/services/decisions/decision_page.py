"""What the page of a decision shows."""

from collections.abc import Sequence

from broker.domain import removal
from broker.domain.decisions import answers
from broker.domain.decisions.answers import Answer, InTheWay
from broker.domain.decisions.can_i_deploy import Question
from broker.domain.decisions.matrix import Row
from broker.domain.decisions.named import Named
from broker.domain.decisions.reasons import Reason, VersionMissing
from broker.domain.decisions.selectors import Selector
from broker.domain.search.near import Asked, NearNames
from broker.services.decisions.decide import ExplainedDecision
from broker.services.search.near import near_names
from broker.storage.storage import Storage
from tally.values import dataclass


@dataclass(frozen=True)
class DecisionPage:
    """The answer in words, what stands in the way, the contracts that hold, and what to be warned of."""

    answer: Answer
    sentence: str
    in_the_way: Sequence[InTheWay]
    holding: Sequence[Row]
    warnings: Sequence[Reason]
    removals: Sequence[str]
    found: ExplainedDecision


def page(question: Question, found: ExplainedDecision) -> DecisionPage:
    """Return the page of a decision."""
    decision = found.decision
    return DecisionPage(
        answers.answer(decision),
        answers.sentence(decision, question.target),
        answers.in_the_way(decision, found.obstacles),
        answers.holding(decision),
        [reason for reason in decision.reasons if reason.type == "warning"],
        removal.in_words(found.removals),
        found,
    )


def missing(found: ExplainedDecision) -> Selector | None:
    """Return the selector of the question that found no version, if there is one."""
    for reason in found.decision.reasons:
        if isinstance(reason, VersionMissing):
            return reason.choice.selector
    return None


def near(storage: Storage, selector: Selector) -> NearNames | None:
    """Return what is near in name to the version or branch that the selector asks for."""
    asked = Asked((selector.pacticipant,), version=selector.version, branch=selector.branch)
    found = near_names(storage, asked)
    return found if found and found.names else None


def kind_of(storage: Storage, pacticipant: str, name: str) -> Named:
    """Return what the name is the name of: a version before a branch, and a branch before a tag."""
    found = storage.decision_names.kinds(pacticipant, name)
    return found[0] if found else Named.VERSION
