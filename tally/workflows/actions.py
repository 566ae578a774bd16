"""Criteria, and the actions that follow a step, as an Arazzo document writes them."""

from tally.errors import InvalidContractError
from tally.workflows import extensions
from tally.workflows.criteria import check_criterion
from tally.workflows.model import Action, ActionType, Criterion, CriterionType, WorkflowReference
from tally.workflows.parts import Part, kind_of, refuse, suggestion
from tally.workflows.references import component, reference_of

_CRITERION = ("context", "condition", "type")
_ACTION = ("name", "type", "workflowId", "stepId", "criteria")
_RETRY = ("retryAfter", "retryLimit")
_TYPES = tuple(kind.value for kind in CriterionType)
_VERSIONS = {
    "jsonpath": ("rfc9535", "draft-goessner-dispatch-jsonpath-00"),
    "xpath": ("xpath-10", "xpath-20", "xpath-30", "xpath-31"),
}
_MOST_RETRIES = 1000


def read_criteria(part: Part, key: str) -> tuple[Criterion, ...]:
    """Return the criteria under *key*."""
    return tuple(_criterion(each) for each in part.parts(key))


def read_actions(document: Part, part: Part, key: str, *, retries: bool) -> tuple[Action, ...]:
    """Return the actions under *key*; *retries*: whether they follow a failure, and may retry the step."""
    section = "failureActions" if retries else "successActions"
    found: dict[str, Action] = {}
    for each in part.parts(key):
        written = component(document, each, section) if "reference" in each.value else each
        action = _action(Part(written.value, each.place), retries=retries)
        if action.name in found:
            refuse(each.place, f"the action {action.name!r} is there twice: give one of them another name")
        found[action.name] = action
    return tuple(found.values())


def _criterion(part: Part) -> Criterion:
    part.check_keys("a criterion", _CRITERION)
    kind = _type(part)
    context = part.text("context", needed=False) or None
    if kind is not CriterionType.SIMPLE and context is None:
        refuse(
            part.place, f"'context' is missing, which {kind.value} needs: write $response.body for example"
        )
    if kind is CriterionType.SIMPLE and context is not None:
        refuse(part.at("context"), "a simple condition has none: add a type, or write the expression into it")
    criterion = Criterion(part.text("condition"), kind, context, part.place)
    try:
        check_criterion(criterion)
    except InvalidContractError as error:
        refuse(part.at("condition"), str(error))
    return criterion


def _type(part: Part) -> CriterionType:
    written = part.value.get("type", "simple")
    place = part.at("type")
    if isinstance(written, dict):
        inner = Part(written, place)
        inner.check_keys("the type of a criterion", ("type", "version"))
        kind, version = inner.text("type"), inner.text("version")
        if kind not in _VERSIONS:
            refuse(inner.at("type"), f"{kind!r} has no versions: {suggestion(kind, tuple(_VERSIONS))}")
        if version not in _VERSIONS[kind]:
            refuse(inner.at("version"), f"{version!r} is not known: {suggestion(version, _VERSIONS[kind])}")
        written, place = kind, inner.at("type")
    if not isinstance(written, str):
        refuse(place, f"write a text here, not {kind_of(written)}")
    if written not in _TYPES:
        refuse(place, f"{written!r} is no type of a criterion: {suggestion(written, _TYPES)}")
    return CriterionType(written)


def _action(part: Part, *, retries: bool) -> Action:
    kind = "a failure action" if retries else "a success action"
    types = ("end", "goto", "retry") if retries else ("end", "goto")
    part.check_keys(
        kind, _ACTION + (_RETRY if retries else ()), extensions.OF_FAILURE_ACTION if retries else ()
    )
    text = part.text("type")
    if text not in types:
        refuse(part.at("type"), f"{text!r} is no type of {kind}: {suggestion(text, types)}")
    limit = part.number("retryLimit", 1, whole=True)
    if limit is None or limit > _MOST_RETRIES:
        refuse(part.at("retryLimit"), f"at most {_MOST_RETRIES:,} retries are made")
    action = Action(
        name=part.text("name"),
        type=ActionType(text),
        step=part.text("stepId", needed=False) or None,
        workflow=_workflow(part),
        criteria=read_criteria(part, "criteria"),
        retry_after=part.number("retryAfter", None),
        retry_limit=int(limit),
        backoff=extensions.extension(part, "x-contract-backoff"),
        pointer=part.place,
    )
    _check_targets(part, action)
    return action


def _workflow(part: Part) -> WorkflowReference | None:
    return (
        reference_of(part.text("workflowId"), part.at("workflowId")) if "workflowId" in part.value else None
    )


def _check_targets(part: Part, action: Action) -> None:
    if action.step and action.workflow:
        refuse(part.place, "it has both stepId and workflowId: write one of them")
    if action.type is ActionType.GOTO and not (action.step or action.workflow):
        refuse(part.place, "it goes nowhere: write a stepId or a workflowId")
    if action.type is ActionType.END and (action.step or action.workflow):
        refuse(part.place, "what ends goes nowhere: leave out stepId and workflowId, or write type: goto")
    for key in (*_RETRY, *extensions.OF_FAILURE_ACTION):
        if key in part.value and action.type is not ActionType.RETRY:
            refuse(part.at(key), "it belongs to the type retry only")
