"""Plans to deploy several versions to an environment, one after the other."""

from datetime import datetime

from flask import request

from broker.domain.decisions.deploy_plan import MOST_MOVES, BlockedMove, DeployPlan, Move
from broker.domain.decisions.matrix import Verdict
from broker.domain.errors import MatrixSelectorError, ValidationError
from broker.services.decisions import decide
from broker.web import query
from broker.web.api.decisions import as_of
from broker.web.context import now, reading
from broker.web.description.parameters import AT, ENVIRONMENT, VERSION_SELECTORS
from broker.web.hal import Hal
from broker.web.parsing import Fields
from broker.web.query import Query
from broker.web.resource import ApiResource
from tally.values import dataclass

api = ApiResource("deploy_plan", __name__)
api.relation(
    "tally:deploy-plan",
    "In which order versions can be deployed.",
    "deploy-plan",
    title="In which order versions can be deployed",
)

_EACH_NEEDS = "each selector needs a pacticipant and a version: q[][pacticipant]=NAME&q[][version]=1"
_RESULTS = {Verdict.FAILED: "failed", Verdict.UNKNOWN: "missing"}


@api.get("deploy-plan", answers="DeployPlan", query=(*VERSION_SELECTORS, ENVIRONMENT, AT))
def show() -> Hal:
    """Find the order in which versions can be deployed without ever breaking the environment."""
    asked = query.parse(request.query_string.decode("utf-8", "replace"))
    # The page leaves rows of its form blank; a pipeline whose variable is not set would get half a plan.
    if "q" in asked.blank:
        raise ValidationError({"q": [_EACH_NEEDS]})
    question = read(asked)
    return represent(question, find(question))


@dataclass(frozen=True)
class PlanQuestion:
    """Which versions are to go where, now or at a moment in the past."""

    moves: tuple[Move, ...]
    environment: str
    at: datetime | None = None


def read(asked: Query) -> PlanQuestion:
    """Return the question. Raises ValidationError that names the parameter."""
    fields = Fields(asked.values)
    environment = fields.text("environment", required=True)
    moves = _moves(asked, fields)
    fields.done()
    try:
        return PlanQuestion(tuple(moves), environment or "", as_of.at(asked, now()))
    except MatrixSelectorError as error:
        raise ValidationError({error.field: error.errors}) from error


def find(question: PlanQuestion) -> DeployPlan:
    """Return the plan. Raises ValidationError that names what does not exist."""
    try:
        with reading() as storage:
            return decide.plan_deployment(storage, question.moves, question.environment, question.at)
    except MatrixSelectorError as error:
        raise ValidationError({error.field: error.errors}) from error


def _moves(asked: Query, fields: Fields) -> list[Move]:
    items = asked.objects.get("q", ())
    if not all(item.keys() >= {"pacticipant", "version"} for item in items):
        fields.refuse("q", _EACH_NEEDS)
        return []
    moves = [Move(item["pacticipant"], item["version"]) for item in items]
    if not 1 <= len(moves) <= MOST_MOVES:
        fields.refuse("q", f"name 1 to {MOST_MOVES} versions: q[][pacticipant]=NAME&q[][version]=1")
    if len({move.pacticipant for move in moves}) < len(moves):
        fields.refuse("q", "name each application once")
    return moves


def represent(question: PlanQuestion, found: DeployPlan) -> Hal:
    """Return the plan as JSON."""
    as_of_then = {} if question.at is None else {"tally:asOf": as_of.exact(question.at)}
    return {
        **as_of_then,
        "summary": {"possible": found.is_possible},
        "steps": [_release(step) for step in found.steps],
        "blocked": [_blocked(item) for item in found.blocked],
    }


def _blocked(item: BlockedMove) -> Hal:
    return {
        **_release(item.move),
        "because": [
            {
                "consumer": {"name": clash.consumer.pacticipant, "version": clash.consumer.version},
                "provider": {"name": clash.provider_name, "version": clash.provider_version},
                "result": _RESULTS[clash.verdict],
                **({"tally:kind": clash.kind.value} if clash.kind else {}),
            }
            for clash in item.clashes
        ],
    }


def _release(release: Move) -> Hal:
    return {"pacticipant": release.pacticipant, "version": release.version}
