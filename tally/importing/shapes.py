"""What an import needs of the answers of a broker; an answer of another shape is refused with its place."""

from datetime import datetime
from typing import Any

from tally.errors import BrokerError


class UnexpectedAnswerError(BrokerError):
    """A broker answered, but not as a Pact Broker does."""


class Date:
    """A moment with its time zone, as text."""


Shape = type | dict[str, Any] | list[Any]
"""A kind of value; an object by the keys that are needed, or with "?" may be missing; a list by its items."""

_NAMES: Shape = [{"name": str}]
_VERSION: Shape = {
    "number": str,
    "createdAt": Date,
    "buildUrl?": str,
    "_embedded?": {
        "tags?": _NAMES,
        "branches?": [{"name": str, "latest?": bool}],
        "branchVersions?": [{"name": str, "latest?": bool}],
    },
}
_RECORD: dict[str, Any] = {
    "uuid": str,
    "createdAt": Date,
    "updatedAt?": Date,
    "undeployedAt?": Date,
    "supportEndedAt?": Date,
    "applicationInstance?": str,
    "target?": str,
}
_CURRENT: Shape = {**_RECORD, "_embedded": {"pacticipant": {"name": str}, "version": {"number": str}}}
_PAGE: Shape = {"totalPages": int, "totalElements": int}
_PAIR: dict[str, Any] = {"consumer": {"name": str}, "provider": {"name": str}}
_ROW: Shape = {
    **_PAIR,
    "provider": {"name": str, "version?": {"number": str}},
    "verificationResult?": {"success?": bool, "verifiedAt": Date, "_links": {"self": {"href": str}}},
}


def _listed(relation: str, item: Shape) -> Shape:
    return {"_embedded?": {f"{relation}?": [item]}, "page?": _PAGE}


METRICS = (
    *(
        "pacticipants",
        "pacticipantVersions",
        "tags",
        "pactPublications",
        "pactVersions",
        "verificationResults",
    ),
    *("deployedVersions", "releasedVersions", "webhooks"),
)
"""The parts of the metrics that are compared."""
SHAPES: dict[str, Shape] = {
    "pacticipants": _listed(
        "pacticipants",
        {"name": str, "createdAt": Date, "mainBranch?": str, "_embedded?": {"labels?": _NAMES}},
    ),
    "pacticipant": {"name": str, "mainBranch?": str, "_embedded?": {"labels?": _NAMES}},
    "branches": _listed("branches", {"name": str, "createdAt": Date}),
    "versions": _listed("versions", _VERSION),
    "environment-versions": _listed("versions", {"number": str}),
    "latest-version": {"number": str},
    "branch-latest-version": {"number": str},
    "tag": {"createdAt?": Date},
    "integrations": _listed("integrations", _PAIR),
    "latest-pacts": {"pacts?": [{"_embedded": _PAIR}]},
    "pacts": _listed("pacts", {"createdAt": Date, "_embedded": {"consumerVersion": {"number": str}}}),
    "environments": _listed(
        "environments",
        {"uuid": str, "name": str, "production": bool, "createdAt": Date, "deployers?": [str]},
    ),
    "deployments": _listed("deployedVersions", _RECORD),
    "releases": _listed("releasedVersions", _RECORD),
    "currently-deployed": _listed("deployedVersions", _CURRENT),
    "currently-supported": _listed("releasedVersions", _CURRENT),
    "matrix": {"matrix?": [_ROW], "summary?": {"success?": int, "unknown?": int}},
    "scenario-results": _listed("scenarioResults", {"_links": {"self": {"href": str}}}),
    "scenario-result": {
        "title": str,
        "success": bool,
        "createdAt": Date,
        "_links": {"tally:participants": [{"href": str}]},
    },
    "gates": _listed("gates", {"metric": str, "createdAt": Date, "pacticipantName?": str, "team?": str}),
    "teams": _listed("teams", {"name": str, "createdAt": Date}),
    "team": _listed("pacticipants", {"name": str}),
    "accounts": _listed(
        "accounts",
        {"name": str, "kind": str, "createdAt": Date, "team?": str, "roles?": [{"role": str, "team?": str}]},
    ),
    "metrics": {f"{part}?": {} for part in METRICS}
    | {"pactRevisionsPerConsumerVersion?": {"distribution?": {}}},
    "webhooks": {"_links": {"pb:webhooks?": [{"href": str}]}},
    "webhook": {
        "uuid": str,
        "createdAt": Date,
        "description?": str,
        "team?": str,
        "request?": {"headers?": {}},
    },
}
"""The answers to the routes of paths.py."""
PACT: Shape = {"_links": {"self": {}, "pb:pact-version?": {"name?": str}}}
RESULT: Shape = {"verifiedBy?": object}


def check(found: object, shape: Shape, url: str) -> None:
    """Raise UnexpectedAnswerError that names the place, unless *found*, which is at *url*, has this shape.

    An object without anything in it has none: even an empty list has links.
    """
    place = _wrong(found, shape) or (None if found else "the answer is empty")
    if place is not None:
        raise UnexpectedAnswerError(
            f"{url} answered, but not as a Pact Broker does: {place}. Does something else answer there?"
        )


def _wrong(found: object, shape: Shape, place: str = "the answer") -> str | None:
    """Return what is wrong, and where; None when nothing is."""
    if isinstance(shape, dict):
        return _wrong_in_object(found, shape, place)
    if isinstance(shape, list):
        # A broker may show the only item of a list without the list.
        items = found if isinstance(found, list) else [found]
        wrong = (_wrong(item, shape[0], f"{place}[{index}]") for index, item in enumerate(items))
        return next((told for told in wrong if told is not None), None)
    if shape is Date:
        return None if _is_date(found) else f"{place} is no date with a time zone"
    is_right = isinstance(found, shape) and not (shape is int and isinstance(found, bool))
    return None if is_right else f"{place} is no {_NAME[shape]}"


_NAME: dict[object, str] = {str: "text", bool: "true or false", int: "whole number"}


def _wrong_in_object(found: object, shape: dict[str, Any], place: str) -> str | None:
    if not isinstance(found, dict):
        return f"{place} is no object"
    for name, inner in shape.items():
        key = name.removesuffix("?")
        if found.get(key) is None:
            if key == name:
                return f"{place} has no {key}"
            continue
        told = _wrong(found[key], inner, key if place == "the answer" else f"{place}.{key}")
        if told is not None:
            return told
    return None


def _is_date(found: object) -> bool:
    try:
        return isinstance(found, str) and datetime.fromisoformat(found).tzinfo is not None
    except ValueError:
        return False
