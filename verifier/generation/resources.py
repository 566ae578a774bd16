"""What operations do to the things that they make: which one creates, which others need what it created."""

from collections.abc import Mapping
from dataclasses import field
from itertools import chain
from typing import Any
from urllib.parse import unquote, urlsplit

from tally.errors import InvalidContractError
from tally.pact import Request, Response
from tally.service_contract.model import HttpOperation, Link
from tally.values import dataclass
from tally.workflows.expressions import NO_VALUE, Exchanged, NoValueError, Scope
from tally.workflows.templates import filled

_WRITES = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, eq=False)
class Follower:
    """An operation that a later request may be for; *link* says where its values come from.

    Without a link, *parameter* is the one in the path that names what was created.
    """

    operation: HttpOperation
    link: Link | None = None
    parameter: str | None = None
    is_item: bool = False
    """Whether it is about what was created itself, not about a part of it."""


@dataclass(frozen=True, eq=False)
class Resource:
    """An operation that creates something, and what may follow."""

    creation: HttpOperation
    followers: tuple[Follower, ...]
    listing: HttpOperation | None = None

    @property
    def reading(self) -> Follower | None:
        """What reads what was created."""
        return next(
            (each for each in self.followers if each.operation.method == "GET" and each.is_item), None
        )

    @property
    def changes(self) -> tuple[Follower, ...]:
        """What may change it."""
        return tuple(each for each in self.followers if each.operation.method in _WRITES)


@dataclass
class Known:
    """What an exchange has shown: a request's values, and its response."""

    value: Mapping[str, Any]
    request: Request
    response: Response
    found: dict[str, Any] = field(default_factory=dict)


def resources_of(operations: tuple[HttpOperation, ...]) -> tuple[Resource, ...]:
    """Return what is created, by links of the document, or by paths such as "/orders" and "/orders/{id}"."""
    found = (_resource(operation, operations) for operation in operations if operation.method == "POST")
    linked = (_linked(operation, operations) for operation in operations if operation.method != "POST")
    return tuple(each for each in (*found, *linked) if each.followers)


def _resource(creation: HttpOperation, operations: tuple[HttpOperation, ...]) -> Resource:
    linked = _linked(creation, operations)
    known = {id(each.operation) for each in linked.followers}
    by_path = [
        Follower(other, parameter=name, is_item=rest == "")
        for other in operations
        for name, rest in [_below(creation.path, other.path)]
        if name is not None and id(other) not in known
    ]
    listing = next((each for each in operations if each.method == "GET" and each.path == creation.path), None)
    return Resource(creation, (*linked.followers, *by_path), listing)


def _linked(operation: HttpOperation, operations: tuple[HttpOperation, ...]) -> Resource:
    by_id = {each.id: each for each in operations}
    links = [link for answer in operation.responses if answer.status.startswith("2") for link in answer.links]
    # A path that ends with a parameter is about the thing itself, not about a part of it.
    return Resource(
        operation,
        tuple(
            Follower(other, link, is_item=other.path.endswith("}"))
            for link in links
            for other in [by_id.get(link.operation)]
            if other is not None
        ),
    )


def _below(collection: str, path: str) -> tuple[str | None, str]:
    """Return the parameter that names an item of *collection* in *path*, and what follows it."""
    base = collection.rstrip("/")
    if not path.startswith(f"{base}/{{"):
        return None, "?"
    name, _, rest = path[len(base) + 2 :].partition("}")
    # "{id}.json" is not a segment of its own; a second parameter names something else.
    return (name, rest) if rest in {"", "/"} or (rest.startswith("/") and "{" not in rest) else (None, "?")


def bound_values(follower: Follower, known: Known) -> dict[str, dict[str, Any]] | None:
    """Return parameters by section that what was created gives to *follower*; None when it does not say."""
    if follower.link is not None:
        return _of_link(follower, known)
    path = dict(known.value.get("path", {}))
    name = follower.parameter or ""
    value = _identifier(name, known)
    return None if value is None else {"path": {**path, name: value}}


def _identifier(name: str, known: Known) -> Any:
    """Return what names the created thing: a property of the answer, or the end of its address."""
    body = known.response.body.value
    found = _named(_plain(name), body) if isinstance(body, dict) else None
    if found is not None:
        return found
    last = urlsplit(_header(known.response, "location") or "").path.rstrip("/").rpartition("/")[2]
    return unquote(last) or None


def _named(name: str, body: dict[str, Any]) -> str | int | None:
    """Return the property with this name, here or one level deeper; or else the id of the whole."""
    nested = [each for each in body.values() if isinstance(each, dict)]
    places = [*((holder, name) for holder in (body, *nested)), (body, "id"), (body, "uuid")]
    equal = (value for holder, wanted in places for key, value in holder.items() if _plain(key) == wanted)
    # "sku" of "/products/{productSku}"
    ending = (value for key, value in body.items() if name.endswith(key.lower()))
    return next((value for value in chain(equal, ending) if isinstance(value, str | int)), None)


def _plain(name: str) -> str:
    return name.lower().replace("_", "")


def _of_link(follower: Follower, known: Known) -> dict[str, dict[str, Any]] | None:
    link = follower.link
    found: dict[str, dict[str, Any]] = {}
    for name, expression in (link.parameters if link else {}).items():
        value = evaluated(expression, known)
        if value is None:
            return None
        location, dot, plain = name.partition(".")
        sections = {"path": "path", "query": "query", "header": "headers", "cookie": "cookies"}
        if not (dot and location in sections):
            plain = name
            location = next(
                (each.location for each in follower.operation.parameters if each.name == name), "path"
            )
        found.setdefault(sections[location], {})[plain] = value
    if link and link.body is not None:
        found["body"] = {"value": evaluated(link.body, known)}
    return found


def evaluated(expression: Any, known: Known) -> Any:
    """Return the value of a runtime expression of OpenAPI, or a constant; None when there is none."""
    try:
        return filled(expression, Scope(exchanged=_exchanged(known)))
    except (NoValueError, InvalidContractError):
        return None


def _exchanged(known: Known) -> Exchanged:
    value, response = known.value, known.response
    body = value.get("body", {}).get("value", NO_VALUE)
    return Exchanged(
        url=known.request.path,
        method=known.request.method,
        status=response.status or 0,
        request_headers={name.lower(): str(item) for name, item in value.get("headers", {}).items()},
        query=value.get("query", {}),
        path=value.get("path", {}),
        request_body=body,
        response_headers={name.lower(): ", ".join(values) for name, values in response.headers.items()},
        response_body=response.body.value,
    )


def _header(response: Response, name: str) -> str | None:
    values = (values for key, values in response.headers.items() if key.lower() == name.lower())
    return next((", ".join(each) for each in values), None)
