"""Can a version be deployed? The matrix's engine behind a short question (reference §8.2)."""

from flask import Blueprint, Response, request

from broker.domain.deploying import Question
from broker.domain.errors import MatrixSelectorError, ValidationError
from broker.domain.matrix import LatestBy
from broker.domain.selectors import Selector, Target
from broker.web import query
from broker.web.api import matrix
from broker.web.parsing import Fields
from broker.web.query import Query
from broker.web.routes import rule

blueprint = Blueprint("can_i_deploy", __name__)


@blueprint.get(rule("can-i-deploy"))
def show() -> Response:
    """Say whether a version can be deployed to an environment, or next to what has a tag."""
    asked = query.parse(request.query_string.decode())
    try:
        return matrix.answer(_question(asked))
    except MatrixSelectorError as error:
        raise ValidationError({error.field: error.errors}) from error


def _question(asked: Query) -> Question:
    fields = Fields(asked.values)
    pacticipant = fields.text("pacticipant", required=True)
    version = fields.text("version", required=True)
    environment = fields.text("environment")
    tag = fields.text("to")
    if (environment is None) == (tag is None):
        fields.refuse("", "must specify either an environment, or a tag as 'to'")
    fields.done()
    return Question(
        selectors=(Selector(pacticipant or "", version=version),),
        target=Target(tag=tag, environment=environment, latest=tag is not None),
        ignored=matrix.ignored(asked),
        latest_by=LatestBy.CVP if tag else LatestBy.CVPV,
    )
