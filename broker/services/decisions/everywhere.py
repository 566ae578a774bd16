"""Can a version be deployed to each environment? One look for all of them."""

from collections.abc import Sequence

from broker.domain.decisions import answers, can_i_deploy
from broker.domain.decisions.answers import Answer, InTheWay
from broker.domain.decisions.can_i_deploy import Decision, Question, Situation
from broker.domain.decisions.contract_rows import with_contracts
from broker.domain.decisions.everywhere import facts_between, rows_between
from broker.domain.decisions.matrix import LatestBy, Row
from broker.domain.decisions.selectors import Choice, Target
from broker.storage.decisions.destinations import Destinations, Presence
from broker.storage.storage import Storage
from tally.values import dataclass


@dataclass(frozen=True)
class EnvironmentAnswer:
    """Whether the version can be deployed to an environment. *here* says since when it is there already."""

    environment: str
    production: bool
    decision: Decision
    answer: Answer
    sentence: str
    in_the_way: Sequence[InTheWay]
    here: Sequence[Presence]

    def rows(self, consumer: str, provider: str) -> list[Row]:
        """Return the rows about the pacts between the two."""
        return [
            row
            for row in self.decision.considered
            if (row.consumer, row.provider) == (consumer, provider) and not row.subject
        ]


@dataclass(frozen=True)
class Everywhere:
    """The answers, and every row between the version and others that were looked at."""

    answers: Sequence[EnvironmentAnswer] = ()
    rows: Sequence[Row] = ()


def decide_everywhere(
    storage: Storage, found: Destinations, *, every_version_counts: bool, also: Sequence[Choice] = ()
) -> Everywhere:
    """Return the answer for each environment, as `decide` gives it, with two statements for all of them.

    *also* are versions of others that are looked at, but are in no answer for that.
    """
    known = storage.decisions()
    name = found.version.pacticipant
    integrations = known.selected_versions.integrations([found.choice])
    relevant = can_i_deploy.relevant(integrations, _question(found, ""))
    others = {side for pair in relevant for side in (pair.consumer, pair.provider)} - {name}
    everything = (found.choice, *found.choices(others), *also)
    rows, facts = known.matrix.find(everything)
    answered = []
    for environment in found.environments:
        choices = (found.choice, *found.choices(others, environment))
        situation = Situation(
            choices, relevant, tuple(rows_between(rows, choices)), contracts=facts_between(facts, choices)
        )
        question = _question(found, environment)
        decision = can_i_deploy.can_i_deploy(question, situation, every_version_counts=every_version_counts)
        here = [
            item
            for item in found.present
            if (item.pacticipant, item.environment) == (name, environment)
            and item.version in found.choice.versions
        ]
        answered.append(
            EnvironmentAnswer(
                environment,
                found.environments[environment],
                decision,
                answers.answer(decision),
                answers.sentence(decision, question.target),
                answers.in_the_way(decision, ()),
                here,
            )
        )
    return Everywhere(answered, with_contracts(rows, facts, everything))


def _question(found: Destinations, environment: str) -> Question:
    return Question((found.choice.selector,), Target(environment=environment), latest_by=LatestBy.CVPV)
