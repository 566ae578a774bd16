"""Can a version be deployed? The matrix with a shorter query (reference §8.2)."""

from flask import Response, request

from broker.domain.decisions.can_i_deploy import Question
from broker.domain.decisions.matrix import LatestBy
from broker.domain.decisions.selectors import Selector, Target
from broker.domain.errors import MatrixSelectorError, ValidationError
from broker.services.decisions import decide
from broker.services.pacticipants import versions
from broker.web import query
from broker.web.api.decisions import as_of, matrix, matrix_query
from broker.web.content_types import HAL, PLAIN
from broker.web.context import now, reading
from broker.web.description.operation import QueryParameter
from broker.web.description.parameters import AT, ENVIRONMENT, IGNORED, PACTICIPANT, VERSION, WAIT
from broker.web.parsing import Fields
from broker.web.query import Query
from broker.web.resource import ApiResource

api = ApiResource("can_i_deploy", __name__)
api.relation(
    "pb:can-i-deploy-pacticipant-version-to-tag",
    "Whether a version works with the latest versions that have a tag.",
    "can-i-deploy",
    title="Whether a version can be deployed next to the latest versions with a tag",
    index_route="can-i-deploy-to-tag",
)
api.relation(
    "pb:can-i-deploy-pacticipant-version-to-environment",
    "Whether a version works with all that is in an environment.",
    "can-i-deploy",
    title="Whether a version can be deployed to an environment",
    index_route="can-i-deploy-to-environment",
)

PARAMETERS = ("pacticipant", "version", "environment", "to", "ignore", "wait", "at")
"""The parameters of a short question."""


@api.get(
    "can-i-deploy",
    answers="Matrix",
    types=(HAL, PLAIN),
    query=(
        PACTICIPANT,
        VERSION,
        ENVIRONMENT,
        QueryParameter("to", "Tag of the versions at the destination"),
        *IGNORED,
        WAIT,
        AT,
    ),
)
def show() -> Response:
    """Decide whether a version can be deployed to an environment, or together with the versions of a tag."""
    asked = query.parse(request.query_string.decode("utf-8", "replace"))
    try:
        return matrix.answer(read(asked), wait=matrix.wait(asked))
    except MatrixSelectorError as error:
        raise ValidationError({error.field: error.errors}) from error


@api.get("can-i-deploy-tag-to-tag", answers="Matrix", types=(HAL, PLAIN))
def tag_to_tag(pacticipant: str, tag: str, to_tag: str) -> Response:
    """Decide whether the latest version with a tag can be deployed together with those of another tag."""
    with reading() as storage:
        versions.latest(storage, pacticipant, tag)
    return matrix.answer(
        Question(
            selectors=(Selector(pacticipant, tag=tag, latest=True),),
            target=Target(tag=to_tag, latest=True),
            latest_by=LatestBy.CVP,
        )
    )


@api.get("can-i-deploy-branch-to-environment", answers="Matrix", types=(HAL, PLAIN))
def branch_to_environment(pacticipant: str, branch: str, environment: str) -> Response:
    """Decide whether the head of a branch can be deployed to an environment."""
    with reading() as storage:
        decide.check_head_and_environment(storage, pacticipant, branch, environment)
    return matrix.answer(
        Question(
            selectors=(Selector(pacticipant, branch=branch, latest=True),),
            target=Target(environment=environment),
            latest_by=LatestBy.CVPV,
        )
    )


def read(asked: Query) -> Question:
    """Return the question. Raises ValidationError or MatrixSelectorError, which names the parameter."""
    matrix_query.check_names(asked, PARAMETERS)
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
        ignored=matrix_query.ignored(asked),
        latest_by=LatestBy.CVP if tag else LatestBy.CVPV,
        at=as_of.at(asked, now()),
    )
