"""What a contract promises beside the shapes: credentials, errors, budgets, dependencies, states, links."""

from dataclasses import field
from typing import Any

from tally.json_schema.schema import Schema
from tally.pact import ProviderState
from tally.values import dataclass


@dataclass(frozen=True)
class Link:
    """What a value of this response is for in a later request (OpenAPI, "Link Object").

    *operation* is the id of the operation to ask next. *parameters* are its values by name ("path.id" where
    the place is needed), each a runtime expression such as "$response.body#/id", or a constant.
    """

    name: str
    operation: str
    parameters: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    pointer: str = ""


@dataclass(frozen=True)
class SecurityScheme:
    """How a caller shows who it is. *type* is OpenAPI's ("http", "apiKey", "oauth2", …).

    *location* ("query", "header", "cookie") and *parameter* are where an API key stands; *scheme* is that of
    "http" ("basic", "bearer"), in lower case. *scopes* are those that the operation asks for.
    """

    name: str
    type: str
    location: str | None = None
    parameter: str | None = None
    scheme: str | None = None
    scopes: tuple[str, ...] = ()


Security = tuple[tuple[SecurityScheme, ...], ...]
"""Any one of these groups suffices, all schemes of a group are needed; an empty group asks for nothing."""


@dataclass(frozen=True)
class ErrorCondition:
    """An error that the service names. *when* says in words what causes it."""

    name: str
    when: str = ""
    retry: bool | None = None
    states: tuple[ProviderState, ...] = ()


@dataclass(frozen=True)
class Budget:
    """What an operation may cost: the 95th percentile of its durations in ms, the bytes of an answer."""

    p95_ms: float | None = None
    samples: int = 50
    max_bytes: int | None = None


@dataclass(frozen=True)
class Dependency:
    """What a service needs of another: operations by id or "GET /path", channels by address.

    *versions* is a range such as ">=1.4 <2"; None for every version.
    """

    service: str
    operations: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    versions: str | None = None
    required: bool = True
    pointer: str = ""
    document: str = ""


@dataclass(frozen=True)
class ContractState:
    """A provider state that the service knows, with the JSON Schema of its parameters."""

    name: str
    parameters: Schema = True
    pointer: str = ""
    document: str = ""
