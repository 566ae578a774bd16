"""What Arazzo cannot say, as `x-contract-*`: judged by the schema file in `formats/`."""

from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from tally.json_schema.validation import Validator
from tally.pact import ProviderState
from tally.workflows.model import CircuitLimits, Priority, SourceState
from tally.workflows.parts import Part, refuse

OF_DOCUMENT = ("x-contract-circuit", "x-contract-timeout", "x-contract-undecided")
OF_SOURCE = ("x-contract-circuit", "x-contract-service")
OF_WORKFLOW = (
    "x-contract-cleanup",
    "x-contract-tags",
    "x-contract-priority",
    "x-contract-timeout",
    "x-contract-states",
    "x-contract-undecided",
)
OF_STEP = ("x-contract-timeout", "x-contract-undecided")
OF_FAILURE_ACTION = ("x-contract-backoff",)


def extensions_schema() -> dict[str, Any]:
    """Return the JSON Schema of all extensions: one definition for each."""
    text = files("tally.workflows").joinpath("formats", "extensions.schema.json").read_bytes()
    schema: dict[str, Any] = orjson.loads(text)
    return schema


def extension(part: Part, key: str, default: Any = None) -> Any:
    """Return the value of the extension *key* of *part*, checked; *default* when it is not there."""
    if key not in part.value:
        return default
    problem = _validator(key).best_problem(part.value[key])
    if problem is not None:
        refuse(f"{part.at(key)}{problem.pointer}", problem.message)
    return part.value[key]


def circuit(part: Part, default: CircuitLimits | None) -> CircuitLimits | None:
    """Return the limits of the circuit that *part* sets; those that it leaves out are of *default*."""
    written = extension(part, "x-contract-circuit")
    if written is None:
        return default
    known = default or CircuitLimits()
    return CircuitLimits(written.get("failures", known.failures), written.get("wait", known.wait))


def priority(part: Part) -> Priority:
    """Return the priority of a workflow."""
    return Priority[str(extension(part, "x-contract-priority", "normal")).upper()]


def states(part: Part) -> tuple[SourceState, ...]:
    """Return the provider states that a workflow needs."""
    return tuple(
        SourceState(written["source"], ProviderState(written["name"], written.get("params", {})))
        for written in extension(part, "x-contract-states", [])
    )


@cache
def _validator(key: str) -> Validator:
    return Validator(extensions_schema()["$defs"][key])
