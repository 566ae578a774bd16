"""What a pact says, as frozen values, the same whatever the version of the file."""

from dataclasses import field
from enum import Enum
from typing import Any

from tally.values import dataclass


class Presence(Enum):
    """Whether there is a body: a missing one says nothing, an empty or null one says that there is none."""

    MISSING = "missing"
    EMPTY = "empty"
    NULL = "null"
    PRESENT = "present"


@dataclass(frozen=True)
class Body:
    """The content of a request, response or message.

    *value* is the parsed JSON when the content is JSON, the text when it is text, otherwise the bytes.
    Bytes under a JSON content type are content that turned out not to be JSON.
    """

    presence: Presence = Presence.MISSING
    value: Any = None
    content_type: str | None = None
    """Media type with its parameters, as the contract says it; None when nothing says it."""


@dataclass(frozen=True)
class Rule:
    """One matching rule: {"match": "type", "min": 2} is Rule("type", {"min": 2})."""

    match: str
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RuleSet:
    """The rules of one path, joined by *combine* ("AND" or "OR")."""

    rules: tuple[Rule, ...]
    combine: str = "AND"


@dataclass(frozen=True)
class MatchingRules:
    """Rules by category, in the V3 form whatever the version of the file.

    Keys of *body*, *metadata*: path expressions ("$.items[*].id"). Keys of *header* and *query*: names
    (headers in lower case), or a path below a name. *path*, *status*, *method*: at most one set each.
    *compiled* is what matching has made of them: interactions share rules, and it is made once.
    """

    body: dict[str, RuleSet] = field(default_factory=dict)
    header: dict[str, RuleSet] = field(default_factory=dict)
    query: dict[str, RuleSet] = field(default_factory=dict)
    metadata: dict[str, RuleSet] = field(default_factory=dict)
    path: RuleSet | None = None
    status: RuleSet | None = None
    method: RuleSet | None = None
    compiled: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)


_NO_RULES = MatchingRules()


@dataclass(frozen=True)
class ProviderState:
    """What must be true at the provider before an interaction is replayed."""

    name: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """What the consumer sends.

    *query* keeps every value of a name, in order; None is a name without "=". *headers* keep every value.
    *query_string* is the query as one string, percent-decoded, for contracts of V1, which compare it whole.
    *generators* are those of the file, in the V3 form: {"body": {"$.id": {"type": "RandomInt"}}}.
    """

    method: str = "GET"
    path: str = "/"
    query: dict[str, tuple[str | None, ...]] = field(default_factory=dict)
    headers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    body: Body = field(default_factory=Body)
    rules: MatchingRules = _NO_RULES
    generators: dict[str, Any] = field(default_factory=dict)
    query_string: str | None = None


@dataclass(frozen=True)
class Response:
    """What the consumer relies on in the answer; *status* is None when the contract does not say it."""

    status: int | None = None
    headers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    body: Body = field(default_factory=Body)
    rules: MatchingRules = _NO_RULES
    generators: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Message:
    """The content and the metadata of a message."""

    body: Body = field(default_factory=Body)
    metadata: dict[str, Any] = field(default_factory=dict)
    rules: MatchingRules = _NO_RULES
    generators: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Interaction:
    """What every kind of interaction has in common.

    *id* is the `_id` that a broker put in, which results are reported under; None in a file.
    """

    description: str
    states: tuple[ProviderState, ...] = ()
    id: str | None = None
    key: str | None = None
    pending: bool = False
    comments: dict[str, Any] = field(default_factory=dict)
    plugin: str | None = None
    """The plugin that the interaction needs, such as "protobuf"; None for most."""


@dataclass(frozen=True)
class HttpInteraction(Interaction):
    """One HTTP request and its response."""

    request: Request = field(default_factory=Request)
    response: Response = field(default_factory=Response)


@dataclass(frozen=True)
class MessageInteraction(Interaction):
    """One message that the provider sends."""

    message: Message = field(default_factory=Message)


@dataclass(frozen=True)
class SynchronousMessageInteraction(Interaction):
    """One message that the consumer sends, and the replies that it relies on."""

    request: Message = field(default_factory=Message)
    responses: tuple[Message, ...] = ()


@dataclass(frozen=True)
class Pact:
    """A contract between a consumer and a provider. *document* is the file that it was read from, as JSON."""

    consumer: str
    provider: str
    interactions: tuple[Interaction, ...]
    specification: str = "1.0.0"
    document: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
