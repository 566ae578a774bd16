"""Pages of quality gates: how services stand at one, and the forms that make, change and delete it."""

from flask import Response

from broker.domain.accounts.permissions import Action
from broker.domain.insights.gates import RULES, USUAL_DAYS, GateState, Metric, explained, shown
from broker.services.insights import gates
from broker.web.api.insights.gates import description_of
from broker.web.context import circumstances, now, reading, transaction
from broker.web.description.needs import Needs
from broker.web.hal import Links
from broker.web.pages import forms
from broker.web.pages.forms import Form
from broker.web.pages.insights.insights import VERDICTS
from broker.web.pages.page import blueprint
from broker.web.pages.rendering import local, render
from broker.web.parsing import Fields
from broker.web.query_values import whole_number
from broker.web.routes import rule

_METRICS = [
    (
        metric.value,
        f"{rule_.title}: {'at least' if rule_.at_least else 'at most'} so many {rule_.unit}",
    )
    for metric, rule_ in RULES.items()
]


@blueprint.get(rule("gates"))
def all_gates() -> Response:
    """Lead to where the gates stand."""
    return Response(status=303, headers={"Location": f"{local('insights')}#gates"})


@blueprint.get(rule("gate"))
def gate(uuid: str) -> Response:
    """Show how services stand at a gate."""
    with reading() as storage:
        found, states = gates.standing(storage, gates.find(storage, uuid))
    return render(
        "gate.html",
        found=found,
        states=states,
        most=gates.SHOWN,
        verdicts_of=VERDICTS,
        explained=explained,
        shown=shown,
        FAILED=GateState.FAILED,
        PASSED=GateState.PASSED,
    )


@forms.page("new-gate", needs=Needs(Action.ADMINISTER))
def new(form: Form) -> Response:
    """Show the form of a gate."""
    form = form.begun_with(metric=Metric.SUCCESS_RATE.value, threshold="95", days=str(USUAL_DAYS))
    return _form(form, "New quality gate", "new-gate")


@forms.change("new-gate", again=new)
def create(form: Form) -> Response:
    """Add a gate."""
    what = description_of(fields := _fields(form))
    fields.done()
    with transaction() as storage:
        added = gates.create(storage, what, circumstances(), Links)
    return forms.done(f"The gate was made: {what.title}, for {what.scope}.", "gate", uuid=added.uuid)


@forms.page("edit-gate", needs=Needs(Action.ADMINISTER))
def edit(form: Form, uuid: str) -> Response:
    """Show the form of a gate that is there."""
    with reading() as storage:
        what = gates.find(storage, uuid).what
    form = form.begun_with(
        metric=what.metric.value,
        threshold=f"{what.threshold:g}",
        days=str(what.days),
        pacticipantName=what.pacticipant,
        team=what.team,
    )
    return _form(form, "Change the quality gate", "edit-gate", uuid=uuid)


@forms.change("edit-gate", again=edit)
def replace(form: Form, uuid: str) -> Response:
    """Describe a gate anew."""
    what = description_of(fields := _fields(form))
    fields.done()
    with transaction() as storage:
        gates.replace(storage, uuid, what, now=now(), addresses=Links)
    return forms.done(f"The gate is now: {what.title}, for {what.scope}.", "gate", uuid=uuid)


@forms.page("delete-gate", needs=Needs(Action.ADMINISTER))
def ask(form: Form, uuid: str) -> Response:
    """Ask whether a gate is to be deleted."""
    with reading() as storage:
        found, _ = gates.standing(storage, gates.find(storage, uuid))
    return render("gate_delete.html", form=form, found=found)


@forms.change("delete-gate", again=ask)
def delete(form: Form, uuid: str) -> Response:  # noqa: ARG001 - it has nothing but the button
    """Remove a gate."""
    with transaction() as storage:
        what = gates.find(storage, uuid).what
        gates.delete(storage, uuid)
    return forms.done(f"The gate was deleted: {what.title}, for {what.scope}.", "insights")


def _form(form: Form, title: str, route: str, **names: str) -> Response:
    return render(
        "gate_form.html",
        form=form,
        title=title,
        action=local(route, **names),
        back=local("gate", **names) if names else f"{local('insights')}#gates",
        metrics=_METRICS,
    )


def _fields(form: Form) -> Fields:
    """Return what was typed as the API takes it; what is no number stays text, and is refused as such."""
    given: dict[str, object] = {
        name: form.text(name) or None for name in ("metric", "pacticipantName", "team")
    }
    threshold, days = form.text("threshold").strip(), form.text("days").strip()
    try:
        given["threshold"] = float(threshold) if threshold else None
    except ValueError:
        given["threshold"] = threshold
    metric = given["metric"]
    has_days = not isinstance(metric, str) or metric not in set(Metric) or RULES[Metric(metric)].has_days
    if days and has_days:  # the field is there whatever the metric is
        number = whole_number(days, least=0, most=1_000_000)
        given["days"] = days if number is None else number
    return Fields(given)
