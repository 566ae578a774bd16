"""The yes of can-i-deploy that an environment may ask for, before anything is recorded there."""

from collections.abc import Callable, Sequence

from broker.domain.accounts.permissions import Action
from broker.domain.audit.entry import Outcome
from broker.domain.decisions.can_i_deploy import Question
from broker.domain.decisions.matrix import LatestBy
from broker.domain.decisions.selectors import Selector, Target
from broker.domain.errors import NotDeployableError
from broker.domain.model import Environment, Version
from broker.services import permission
from broker.services.decisions import decide
from broker.services.decisions.decide import ExplainedDecision
from broker.storage.storage import Storage
from tally.values import dataclass

NextSteps = Callable[[ExplainedDecision], Sequence[str]]


@dataclass(frozen=True)
class Requirement:
    """How it is decided whether a version may be recorded where a yes is required.

    *override* is why it is recorded without one, if somebody says so. *next_steps* says what to do about a
    no: it makes the addresses that the sentences have. *can_override* tells that the request might have had
    an override.
    """

    every_version_counts: bool
    next_steps: NextSteps
    override: str | None = None
    can_override: bool = True


def require_yes(
    storage: Storage, version: Version, environment: Environment, requirement: Requirement
) -> None:
    """Let the version be recorded if the environment asks for no yes, or can-i-deploy says yes.

    What is not known is no yes. It is decided in the transaction that records it, and one such transaction of
    an environment waits for the other: two versions that do not work together cannot both be let in because
    each saw the other's predecessor. Raises NotDeployableError, and PermissionDeniedError for an override by
    somebody who may not.
    """
    if not environment.requires_can_i_deploy:
        return
    storage.environments.lock(environment)
    question = Question(
        (Selector(version.pacticipant, version=version.number),),
        Target(environment=environment.name),
        latest_by=LatestBy.CVPV,
    )
    found = decide.decide(storage, question, every_version_counts=requirement.every_version_counts)
    if found.decision.deployable is True:
        return
    if requirement.override is None:
        raise NotDeployableError(_refusal(version, environment, found, requirement))
    permission.require(storage, Action.OVERRIDE, version.pacticipant)
    storage.note_outcome(
        Outcome.OVERRIDDEN,
        after={"override": requirement.override, "reasons": [item.text for item in found.decision.reasons]},
    )


def _refusal(
    version: Version, environment: Environment, found: ExplainedDecision, requirement: Requirement
) -> list[str]:
    answer = "no" if found.decision.deployable is False else "not yes: it is not known"
    what = f"{version.pacticipant} {version.number}"
    override = "To record it all the same, say why: --override REASON (the field override)"
    if not requirement.can_override:
        override = "To record it all the same, say why: tally record-deployment --override REASON"
    refused = (
        f"{what} was not recorded in {environment.name}, which requires that can-i-deploy says yes. The "
        f"answer is {answer}"
    )
    return [
        refused,
        *(reason.text for reason in found.decision.reasons),
        *requirement.next_steps(found),
        f"{override}; that needs the permission '{Action.OVERRIDE}'.",
    ]
