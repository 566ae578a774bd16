"""Quality gates: what services have to keep, and whether they do."""

from collections.abc import Sequence

from flask import Response

from broker.domain import limits
from broker.domain.accounts.permissions import Action
from broker.domain.insights.gates import (
    FEWEST_DAYS,
    MOST_DAYS,
    RULES,
    USUAL_DAYS,
    Gate,
    GateDescription,
    GateState,
    JudgedState,
    Metric,
    StandingGate,
    explained,
    shown,
)
from broker.services.insights import gates
from broker.services.insights.gates import GateOfService, GateStatus
from broker.web import parsing
from broker.web.context import circumstances, links, now, reading, transaction
from broker.web.description.needs import Needs
from broker.web.hal import Hal, Links, collection, resource, timestamp, timestamps
from broker.web.parsing import Fields
from broker.web.resource import ApiResource
from broker.web.responses import created

api = ApiResource("gates", __name__)
api.relation(
    "tally:gates",
    "The quality gates: what services have to keep. POST adds one, with a `metric`, a `threshold`, "
    "the `days` that it looks back, and `pacticipantName` or `team` unless it is for all services.",
    "gates",
    title="Quality gates",
)
api.relation("tally:gate", "A quality gate, and how services stand.", "gate", title="Quality gate")
api.relation(
    "tally:gate-status",
    "Whether a service keeps its quality gates at this moment.",
    "gate-status",
    title="Whether a service keeps its quality gates",
)
_NAMES = ("metric", "threshold", "days", "pacticipantName", "team")
# Whoever sends back what was read changes nothing by it.
_ALSO_READ = ("uuid", "title", "services", "createdAt", "updatedAt", "_links", "_embedded")


@api.get("gates", answers="Gates")
def index() -> Hal:
    """List the quality gates."""
    with reading() as storage:
        found = gates.every(storage)
    make = links()
    return collection(
        "gates",
        [represent(each, make) for each in found],
        links={"self": make.to("gates", "Quality gates"), "curies": make.curies("gates")},
    )


@api.post(
    "gates", answers="Gate", statuses=(201,), takes="NewGate", refuses=(422,), needs=Needs(Action.ADMINISTER)
)
def create() -> Response:
    """Add a quality gate."""
    what = _description()
    with transaction() as storage:
        added = gates.create(storage, what, circumstances(), Links)
        found, _ = gates.standing(storage, added)
    make = links()
    return created(represent(found, make), make.href("gate", uuid=added.uuid))


@api.get("gate", answers="Gate")
def show(uuid: str) -> Hal:
    """Show a quality gate, and how services stand."""
    with reading() as storage:
        found, states = gates.standing(storage, gates.find(storage, uuid))
    make = links()
    document = represent(found, make)
    return {**document, "_embedded": {"states": _states(found.gate, states, make)}}


@api.put("gate", answers="Gate", takes="NewGate", needs=Needs(Action.ADMINISTER))
def replace(uuid: str) -> Hal:
    """Describe a quality gate anew."""
    what = _description()
    with transaction() as storage:
        found, _ = gates.standing(storage, gates.replace(storage, uuid, what, now=now(), addresses=Links))
    return represent(found, links())


@api.delete("gate", needs=Needs(Action.ADMINISTER))
def delete(uuid: str) -> tuple[str, int]:
    """Remove a quality gate."""
    with transaction() as storage:
        gates.delete(storage, uuid)
    return "", 204


@api.get("gate-status", answers="GateStatus")
def status(pacticipant: str) -> Hal:
    """Say whether a service keeps its quality gates."""
    with reading() as storage:
        found = gates.status(storage, pacticipant, now())
    make = links()
    return {
        "pacticipantName": found.pacticipant,
        "passed": found.passed,
        "reason": _reason(found),
        "uncounted": found.uncounted,
        "_embedded": {"gates": [_of_service(each, make) for each in found.gates]},
        "_links": {
            "self": make.to("gate-status", "Quality gates of a service", pacticipant=found.pacticipant),
            "pb:pacticipant": make.to(
                "pacticipant", "Pacticipant", found.pacticipant, pacticipant=found.pacticipant
            ),
            "tally:gates": make.to("gates", "Quality gates"),
            "curies": make.curies("gates"),
        },
    }


def _description() -> GateDescription:
    fields = Fields(parsing.json_object())
    what = description_of(fields)
    fields.done()
    return what


def description_of(fields: Fields) -> GateDescription:
    """Return what a gate is to ask for; what is wrong is noted in *fields*."""
    # A field that is misspelt would leave its default, which may ask for less.
    fields.only((*_NAMES, *_ALSO_READ))
    known = tuple(metric.value for metric in Metric)
    given = fields.one_of("metric", known, required=True)
    metric = Metric(given) if given is not None and given in known else Metric.SUCCESS_RATE
    threshold = fields.number("threshold", least=0, most=RULES[metric].highest)
    days = USUAL_DAYS
    if fields.anything("days") is not None:
        days = fields.whole("days", at_least=FEWEST_DAYS, at_most=MOST_DAYS) or USUAL_DAYS
        if not RULES[metric].has_days:
            fields.refuse("days", f"means nothing for {metric.value}: leave it out")
    pacticipant = fields.text("pacticipantName", limit=limits.NAME)
    team = fields.text("team", limit=limits.NAME)
    if pacticipant is not None and team is not None:
        fields.refuse("team", "cannot be used together with pacticipantName")
    return GateDescription(metric, threshold or 0.0, days, pacticipant, team)


def represent(found: StandingGate, links: Links) -> Hal:
    """Return the HAL document of a gate."""
    gate, what = found.gate, found.gate.what
    itself = {"self": links.to("gate", what.title, uuid=gate.uuid)}
    if what.pacticipant is not None:
        name = what.pacticipant
        itself["pb:pacticipant"] = links.to("pacticipant", "Pacticipant", name, pacticipant=name)
    return resource(
        {
            "uuid": gate.uuid,
            "title": what.title,
            "metric": what.metric.value,
            "threshold": what.threshold,
            "days": what.days if what.rule.has_days else None,
            "pacticipantName": what.pacticipant,
            "team": what.team,
            "services": {state.value: found.services(state) for state in GateState},
            **timestamps(gate.created_at, gate.updated_at),
        },
        links={**itself, "tally:gates": links.to("gates", "Quality gates"), "curies": links.curies("gates")},
    )


def _states(gate: Gate, states: Sequence[tuple[str, JudgedState]], links: Links) -> list[Hal]:
    return [
        {
            "pacticipantName": name,
            "state": state.judgement.state.value,
            "value": state.judgement.value,
            "reason": explained(gate.what, state.judgement),
            "since": timestamp(state.since),
            "_links": {
                "tally:gate-status": links.to("gate-status", "Its quality gates", name, pacticipant=name)
            },
        }
        for name, state in states
    ]


def _of_service(found: GateOfService, links: Links) -> Hal:
    what = found.gate.what
    return {
        "uuid": found.gate.uuid,
        "title": what.title,
        "scope": what.scope,
        "metric": what.metric.value,
        "threshold": what.threshold,
        "state": found.judgement.state.value,
        "value": found.judgement.value,
        "shown": shown(what.metric, found.judgement.value, what.threshold),
        "reason": explained(what, found.judgement),
        "since": timestamp(found.since) if found.since else None,
        "_links": {"self": links.to("gate", what.title, uuid=found.gate.uuid)},
    }


def _reason(found: GateStatus) -> str:
    if found.passed is None:
        return f"No quality gate is for {found.pacticipant}"
    wrong = [
        explained(each.gate.what, each.judgement)
        for each in found.gates
        if each.judgement.state is not GateState.PASSED
    ]
    return "; ".join(wrong) or f"{found.pacticipant} keeps all of its quality gates"
