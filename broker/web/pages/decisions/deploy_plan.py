"""The page that finds the order in which versions can be deployed."""

from collections.abc import Mapping, Sequence
from dataclasses import field

from flask import Response, jsonify, request

from broker.domain.decisions.deploy_plan import MOST_MOVES, DeployPlan
from broker.domain.errors import ValidationError
from broker.services.environments import environments
from broker.web import query
from broker.web.api.decisions import deploy_plan as plans
from broker.web.api.decisions.deploy_plan import PlanQuestion
from broker.web.context import reading
from broker.web.pages.decisions import decision_links
from broker.web.pages.page import blueprint
from broker.web.pages.rendering import render
from broker.web.query import Query
from broker.web.routes import rule
from tally.values import dataclass

_LEAST_ROWS = 2


@dataclass(frozen=True)
class PlanForm:
    """What the form shows: the versions with room for one more, where they go, and what is wrong."""

    moves: Sequence[tuple[str, str]]
    environment: str = ""
    at: str = ""
    environments: Sequence[str] = ()
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def error(self, *names: str) -> str:
        """Return what is wrong with the parameters of these names."""
        return ". ".join(message for name in names for message in self.errors.get(name, ()))


@blueprint.get(rule("deploy-plan"))
def deploy_plan() -> Response:
    """Show the order and its steps, or why there is none; without a question, the form."""
    asked = query.parse(request.query_string.decode("utf-8", "replace"))
    if not asked.values.keys() - {"format"} and not asked.objects.get("q"):
        return _page(asked)
    try:
        question = plans.read(asked)
        found = plans.find(question)
    except ValidationError as error:
        return _page(asked, errors=error.errors)
    if request.args.get("format") == "json":
        return jsonify(plans.represent(question, found))
    return _page(asked, (question, found))


def _page(
    asked: Query,
    answer: tuple[PlanQuestion, DeployPlan] | None = None,
    errors: Mapping[str, Sequence[str]] | None = None,
) -> Response:
    with reading() as storage:
        names = [environment.name for environment in environments.named(storage, None)]
    question, found = answer or (None, None)
    moves = [(move.pacticipant, move.version) for move in question.moves] if question else []
    return render(
        "deploy_plan.html",
        status=400 if errors else 200,
        form=_form(asked, names, errors or {}),
        question=question,
        plan=found,
        command=decision_links.plan_command(moves, question.environment) if question else "",
    )


def _form(asked: Query, names: Sequence[str], errors: Mapping[str, Sequence[str]]) -> PlanForm:
    items = asked.objects.get("q", ())[:MOST_MOVES]
    moves = [(item.get("pacticipant", ""), item.get("version", "")) for item in items]
    room = max(_LEAST_ROWS - len(moves), 1 if len(moves) < MOST_MOVES else 0)
    values = asked.values
    return PlanForm(
        [*moves, *[("", "")] * room], values.get("environment", ""), values.get("at", ""), names, errors
    )
