"""How an Arazzo document names operations, workflows, and its components."""

import re

from tally.workflows.model import OperationReference, WorkflowReference
from tally.workflows.parts import Part, refuse, suggestion

_SOURCES = "$sourceDescriptions."
_PLACE = re.compile(r"\{?\$sourceDescriptions\.(?P<source>[^{}#]+?)(?:\.url)?\}?#(?P<place>/.+)")


def reference_of(text: str, place: str) -> WorkflowReference:
    """Return what "NAME", or "$sourceDescriptions.SOURCE.NAME", refers to."""
    if not text.startswith("$"):
        return WorkflowReference(text)
    source, dot, name = text.removeprefix(_SOURCES).partition(".")
    if not text.startswith(_SOURCES) or not (source and dot and name):
        refuse(place, f"{text!r} refers to nothing: write a name, or $sourceDescriptions.SOURCE.NAME")
    return WorkflowReference(name, source)


def operation_place(text: str, place: str) -> OperationReference:
    """Return the operation at "{$sourceDescriptions.SOURCE.url}#/paths/~1orders/get"."""
    found = _PLACE.fullmatch(text)
    if found is None:
        form = "{$sourceDescriptions.SOURCE.url}#/paths/~1orders/get"
        refuse(place, f"{text!r} is no operationPath: write {form}")
    return OperationReference(place=found["place"], source=found["source"])


def component(document: Part, part: Part, section: str) -> Part:
    """Return the component that the Reusable Object *part* refers to."""
    text = part.text("reference")
    home = f"$components.{section}."
    known = document.part("components").part(section)
    name = text.removeprefix(home)
    if not text.startswith(home):
        refuse(part.at("reference"), f"{text!r} refers to nothing that can be here: write {home}NAME")
    if name not in known.value:
        what = f"there is no {name!r} in components/{section}"
        refuse(part.at("reference"), f"{what}: {suggestion(name, tuple(known.value))}")
    return Part(known.value[name], known.at(name))
