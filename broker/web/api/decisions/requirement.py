"""How requests decide whether a version may be recorded where can-i-deploy has to say yes."""

from broker.services.decisions.decide import ExplainedDecision
from broker.services.environments.required_decision import Requirement
from broker.web.api.decisions import matrix
from broker.web.context import links, settings


def requirement(override: str | None = None, *, can_override: bool = True) -> Requirement:
    """Return how it is decided in this request; *can_override* tells whether it may say why it is not."""
    every_version_counts = settings().unverified_in_environment_is_unknown
    return Requirement(every_version_counts, _next_steps, override, can_override)


def _next_steps(found: ExplainedDecision) -> list[str]:
    return [str(step["text"]) for step in matrix.next_steps(found, links())]
