"""`tally gates`: what services have to keep, and whether they do."""

import time
from collections.abc import Mapping
from typing import Any

import click

from tally.broker_client import BrokerClient, Resource
from tally.commands import answers
from tally.commands import output as printing
from tally.commands.options import FORMATS, broker_options, output_option
from tally.errors import BrokerError, UsageError
from tally.option_values import Number, WholeNumber

RELATION = "tally:gates"
STATUS = "tally:gate-status"
METRICS = ("success_rate", "p95", "result_age", "coverage", "flaky_share")
HEADINGS = ("GATE", "FOR", "PASSED", "FAILED", "UNKNOWN", "UUID")
CREATE = "Create one: tally gates create --metric success_rate --threshold 95"
NOTHING = f"There are no quality gates yet. {CREATE}"
_PAUSE = 0.5
"""Seconds between two questions whether new results are counted."""


@click.group()
def gates() -> None:
    """List, create, change, delete and check quality gates: what services have to keep.

    \b
    Examples:
      tally gates create --metric success_rate --threshold 95
      tally gates check --pacticipant Orders
    """


def _describing(command: Any) -> Any:
    for option in (
        click.option("--team", metavar="NAME", help="For services with the label team:NAME."),
        click.option("-a", "--pacticipant", metavar="NAME", help="For this service; else for all of them."),
        click.option(
            "--days",
            type=WholeNumber(min=1),
            metavar="DAYS",
            help="How far it looks back; the default is 30.",
        ),
        click.option(
            "--threshold",
            type=Number(min=0),
            metavar="NUMBER",
            help="At least so many percent, or at most so many milliseconds (p95), days (result_age) or "
            "percent (flaky_share).",
        ),
        click.option("--metric", type=click.Choice(METRICS), help="What is measured."),
    ):
        command = option(command)
    return command


@gates.command("list")
@output_option()
@broker_options
def list_gates(*, broker: BrokerClient, output: str) -> None:
    """List the quality gates, and how many services keep each.

    \b
    Example:
      tally gates list
    """
    found = _gates(broker)
    rows = [_row(item) for item in found.embedded("gates")]
    answers.listing(found.state, output, rows, headings=HEADINGS, nothing=NOTHING)


@gates.command()
@_describing
@output_option(*FORMATS, "id")
@broker_options
def create(*, broker: BrokerClient, output: str, **described: Any) -> None:
    """Create a quality gate: for all services, for those of a team, or for one.

    \b
    Examples:
      tally gates create --metric success_rate --threshold 95
      tally gates create --metric p95 --threshold 2000 --days 7 --team selling
      tally gates create --metric result_age --threshold 14 --pacticipant Orders
    """
    for name in ("metric", "threshold"):
        if described[name] is None:
            raise UsageError(f"--{name} is missing: what has to be kept?")
    made = broker.post(_gates(broker).link("self").expand(), _document({}, described))
    answers.outcome(made.state, output, f"Created the gate {_sentence(made.state)}.", _row(made.state))


@gates.command()
@click.option("--uuid", required=True, metavar="UUID", help="The gate: see tally gates list.")
@_describing
@output_option(*FORMATS, "id")
@broker_options
def update(*, broker: BrokerClient, uuid: str, output: str, **described: Any) -> None:
    """Change a quality gate; what is not given stays as it is.

    \b
    Example:
      tally gates update --uuid 0c5a0a3b-4f9b-4f0e-8f0b-1f4e0a9a7c11 --threshold 98
    """
    if all(value is None for value in described.values()):
        raise UsageError(
            "Nothing is to be changed: give --metric, --threshold, --days, --pacticipant or --team."
        )
    found = _gate(broker, uuid)
    stored = broker.put(found.link("self").expand(), _document(found.state, described))
    answers.outcome(
        stored.state, output, f"Changed the gate to {_sentence(stored.state)}.", _row(stored.state)
    )


@gates.command()
@click.option("--uuid", required=True, metavar="UUID", help="The gate: see tally gates list.")
@broker_options
def delete(*, broker: BrokerClient, uuid: str) -> None:
    """Delete a quality gate.

    \b
    Example:
      tally gates delete --uuid 0c5a0a3b-4f9b-4f0e-8f0b-1f4e0a9a7c11
    """
    found = _gate(broker, uuid)
    broker.delete(found.link("self").expand())
    printing.say(f"Deleted the gate {_sentence(found.state)}.", "success")


@gates.command()
@click.option("-a", "--pacticipant", required=True, metavar="NAME", help="The service.")
@click.option(
    "--timeout",
    type=WholeNumber(min=0),
    default=30,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait until results that were published just now are counted.",
)
@output_option()
@broker_options
@click.pass_context
def check(
    ctx: click.Context, /, *, broker: BrokerClient, pacticipant: str, timeout: int, output: str
) -> None:
    """Check whether a service keeps its quality gates.

    Exits with 0 when it keeps all of them, 1 when it fails one or that is not known, 2 when there is nothing
    to check or the broker could not be asked.

    \b
    Example:
      tally gates check --pacticipant Orders
    """
    found = _counted(broker, pacticipant, timeout)
    if found["passed"] is None:
        raise UsageError(f"There is nothing to check: {found['reason']}. {CREATE}")
    passed = found["passed"] and not found["uncounted"]
    _show(found, output)
    ctx.exit(0 if passed else 1)


def _show(found: Mapping[str, Any], output: str) -> None:
    rows = [
        {
            "STATE": gate["state"],
            "GATE": gate["title"],
            "VALUE": gate["shown"],
            "FOR": gate["scope"],
            "SINCE": printing.moment(gate.get("since") or ""),
        }
        for gate in found["_embedded"]["gates"]
    ]
    if output != "text":
        answers.listing(found, output, rows, headings=("STATE", "GATE", "VALUE", "FOR", "SINCE"), nothing="")
        return
    for gate in found["_embedded"]["gates"]:
        kind = "success" if gate["state"] == "passed" else "error"
        printing.say(f"{gate['state']}: {gate['reason']}.", kind)
    if found["uncounted"]:
        printing.say(
            f"unknown: {found['uncounted']} results of {found['pacticipantName']} are not counted yet. "
            "Does a worker run? (docs: tally worker)",
            "error",
        )


def _counted(broker: BrokerClient, pacticipant: str, timeout: int) -> dict[str, Any]:
    """Return how the service stands once its results are counted, or when the time is over."""
    deadline = time.monotonic() + timeout
    index = _index(broker)
    with answers.known_pacticipant(broker, pacticipant, f"The broker knows no application {pacticipant!r}."):
        found = broker.follow(index, STATUS, pacticipant=pacticipant)
        while found.state["uncounted"] and found.state["passed"] is not None and time.monotonic() < deadline:
            time.sleep(_PAUSE)
            found = broker.follow(index, STATUS, pacticipant=pacticipant)
    state: dict[str, Any] = dict(found.state)
    return state


def _index(broker: BrokerClient) -> Resource:
    index = broker.index()
    if not any(index.links(RELATION)):
        raise BrokerError(
            f"The broker at {broker.base_url} knows no quality gates (its index has no {RELATION}): "
            "this needs a Tallystick broker of a recent release."
        )
    return index


def _gates(broker: BrokerClient) -> Resource:
    return broker.follow(_index(broker), RELATION)


def _gate(broker: BrokerClient, uuid: str) -> Resource:
    with answers.not_found(f"There is no quality gate {uuid}. To see all: tally gates list"):
        return broker.follow(_index(broker), "tally:gate", uuid=uuid)


def _document(state: Mapping[str, Any], described: Mapping[str, Any]) -> dict[str, Any]:
    """Return the gate of *state* with what is given."""
    names = {
        "metric": "metric",
        "threshold": "threshold",
        "days": "days",
        "pacticipant": "pacticipantName",
        "team": "team",
    }
    if described["pacticipant"] is not None and described["team"] is not None:
        raise UsageError("--pacticipant and --team cannot be used together: a gate is for one or the other.")
    found = {name: state[name] for name in names.values() if state.get(name) is not None}
    given = {names[name]: value for name, value in described.items() if value is not None}
    if "metric" in given:
        found.pop("days", None)  # which means nothing for some
    if "pacticipantName" in given or "team" in given:
        found.pop("pacticipantName", None)
        found.pop("team", None)
    return {**found, **given}


def _scope(state: Mapping[str, Any]) -> str:
    if state.get("pacticipantName"):
        return str(state["pacticipantName"])
    return f"team:{state['team']}" if state.get("team") else "all services"


def _sentence(state: Mapping[str, Any]) -> str:
    return f"{state['title']!r} for {_scope(state)} ({state['uuid']})"


def _row(state: Mapping[str, Any]) -> dict[str, str]:
    services = state["services"]
    return {
        "GATE": state["title"],
        "FOR": _scope(state),
        "PASSED": str(services["passed"]),
        "FAILED": str(services["failed"]),
        "UNKNOWN": str(services["unknown"]),
        "UUID": state["uuid"],
    }
