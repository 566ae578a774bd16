"""Cases: each is a request for the provider and the check of its response.

Contracts of every kind are turned into cases, so that the replay needs to know nothing about their formats.
"""

from collections.abc import Callable, Generator, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tally.generators.generated_values import Values, message_with_state_values, response_with_state_values
from tally.matching import BodyMatchers, Mismatch, match_response
from tally.pact import (
    Body,
    HttpInteraction,
    Interaction,
    Message,
    MessageInteraction,
    Pact,
    ProviderState,
    Request,
    Response,
    RuleSet,
    SynchronousMessageInteraction,
)
from tally.service_contract.model import HttpOperation, MessageOperation
from tally.values import dataclass
from verifier.contracts.replies import Messages, as_one, match_messages

if TYPE_CHECKING:  # few runs have workflows
    from tally.workflows.binding import BoundDocument
    from tally.workflows.model import Workflow


@dataclass(frozen=True, kw_only=True, eq=False)
class Generated:
    """Where a generated case comes from: the same document, seed and index make the same case.

    *value* is what the request was made of, *usual* that of the operation's usual request, and *subject* what
    is wrong with it, if that is on purpose. *smaller* makes a case of a value that says less; it returns None
    for one that would be a case of another kind, such as an invalid request that is valid. *fresh* make some
    with other texts: these are sent as well when the answer has one of the statuses *again_after*, because
    something may have the name already.
    """

    phase: str
    seed: int
    index: int
    value: Any
    usual: Any = None
    subject: str = ""
    smaller: "Callable[[Any], Case | None] | None" = None
    fresh: "tuple[Callable[[], Case | None], ...]" = ()
    again_after: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Case:
    """One HTTP request, and the check that its response must pass.

    *check* takes the response and the values that provider states returned, and returns every mismatch. It is
    pure, so cases can be replayed in any order and at the same time. Generators are applied just before the
    request is sent. *id* identifies the case at the broker. A failure of a *pending* case does not fail the
    run. *tags* are for filters, *comments* for readers. *expected* is the response in the contract, for
    reports. *document* is a pact with this interaction alone, for the Rust core. *operation* is that of a
    service contract, which the case says something about. *without_headers* are names, in lower case, of the
    user's headers that are not sent.
    """

    description: str
    request: Request
    check: Callable[[Response, Values], tuple[Mismatch, ...]]
    states: tuple[ProviderState, ...] = ()
    id: str | None = None
    pending: bool = False
    tags: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    document: Mapping[str, Any] | None = None
    expected: Response | None = None
    operation: HttpOperation | None = None
    generated: Generated | None = None
    without_headers: frozenset[str] = frozenset()


Ask = tuple[HttpOperation | None, Request]
"""A request, and the operation of a service contract that it is for."""
Findings = tuple[tuple[int, tuple[Mismatch, ...]], ...]
"""What is wrong with the answers of a workflow: the mismatches by the number of the exchange."""
Exchanges = Generator[Ask, Response, Findings]


@dataclass(frozen=True, kw_only=True)
class WorkflowCase:
    """Requests that depend on the answers to those before them.

    *exchanges* takes the values that provider states returned. It yields each request, is sent its response,
    and returns what is wrong with them. The other fields are those of `Case`.
    """

    description: str
    exchanges: Callable[[Values], Exchanges]
    states: tuple[ProviderState, ...] = ()
    id: str | None = None
    pending: bool = False
    tags: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    document: Mapping[str, Any] | None = None
    generated: Generated | None = None


@dataclass(frozen=True, kw_only=True)
class ArazzoCase:
    """One workflow of an Arazzo document, whose steps all ask this provider; otherwise as `Case`."""

    description: str
    bound: "BoundDocument"
    workflow: "Workflow"
    states: tuple[ProviderState, ...] = ()
    id: str | None = None
    pending: bool = False
    tags: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    document: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class MessageCase:
    """One message that the provider must be able to send, and the check that it must pass.

    *request* is the message that the provider replies to, with this number of *replies*; 0 is a message that
    it takes without a reply. It is None for a message that is not a reply. The other fields are those of
    `Case`.
    """

    description: str
    check: Callable[[Messages, Values], tuple[Mismatch, ...]]
    request: Message | None = None
    replies: int = 1
    states: tuple[ProviderState, ...] = ()
    id: str | None = None
    pending: bool = False
    tags: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    document: Mapping[str, Any] | None = None
    expected: Message | None = None
    operation: MessageOperation | None = None
    generated: Generated | None = None


@dataclass(frozen=True, kw_only=True)
class UnsupportedCase:
    """An interaction that this verifier cannot check, and why. It is reported, and never counts as passed.

    If it needs a *plugin*, the Rust core of pact-python can replay it where the plugin is installed.
    """

    description: str
    reason: str
    plugin: str | None = None
    states: tuple[ProviderState, ...] = ()
    id: str | None = None
    pending: bool = False
    tags: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    document: Mapping[str, Any] | None = None


def _compare_xml(
    expected: Body, actual: Body, rules: Mapping[str, RuleSet], *, strict: bool
) -> tuple[Mismatch, ...]:
    from tally.matching.xml_bodies import compare_xml  # noqa: PLC0415 - a library of 11 MB, which few contracts need

    return compare_xml(expected, actual, rules, strict=strict)


BODIES: BodyMatchers = MappingProxyType({"*/xml": _compare_xml, "*/*+xml": _compare_xml})
"""Functions that compare the bodies that `tally.matching` does not, by media type."""


AnyCase = Case | MessageCase | WorkflowCase | ArazzoCase | UnsupportedCase


def pact_cases(pact: Pact) -> tuple[AnyCase, ...]:
    """Return one case for each interaction, in the order of the pact."""
    # In V4, one list holds every kind of interaction; in V3, messages have a list of their own. The parsed
    # pact has the same order, so the documents can be paired with its interactions.
    alone = _each_alone(pact.document)
    return tuple(_case(interaction, next(alone, None)) for interaction in pact.interactions)


def _each_alone(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a pact with one interaction for each interaction of *document*, in order."""
    around = {name: value for name, value in document.items() if name not in {"interactions", "messages"}}
    for key in ("interactions", "messages"):
        yield from ({**around, key: [interaction]} for interaction in document.get(key) or ())


def _case(interaction: Interaction, document: Mapping[str, Any] | None) -> AnyCase:
    common: dict[str, Any] = {
        "document": document,
        "description": interaction.description,
        "states": interaction.states,
        "id": interaction.id,
        "pending": interaction.pending,
        "tags": tags_in(interaction.comments),
        "comments": comments_in(interaction.comments),
    }
    if interaction.plugin:
        reason = f"it needs the plugin {interaction.plugin!r}"
        return UnsupportedCase(**common, reason=reason, plugin=interaction.plugin)
    if isinstance(interaction, HttpInteraction):
        response = interaction.response
        check = partial(_response_mismatches, response)
        return Case(**common, request=interaction.request, check=check, expected=response)
    if isinstance(interaction, MessageInteraction):
        message = interaction.message
        return MessageCase(**common, check=partial(_message_mismatches, (message,)), expected=message)
    if isinstance(interaction, SynchronousMessageInteraction):
        return _reply_case(interaction, common)
    return UnsupportedCase(**common, reason=f"it is a {type(interaction).__name__}")


def _reply_case(interaction: SynchronousMessageInteraction, common: dict[str, Any]) -> AnyCase:
    replies = interaction.responses
    if not replies:
        return UnsupportedCase(**common, reason="it expects no reply to its message")
    return MessageCase(
        **common,
        request=interaction.request,
        replies=len(replies),
        check=partial(_message_mismatches, replies),
        expected=as_one(replies),
    )


def _response_mismatches(expected: Response, actual: Response, values: Values) -> tuple[Mismatch, ...]:
    return match_response(response_with_state_values(expected, values), actual, bodies=BODIES)


def _message_mismatches(expected: Messages, actual: Messages, values: Values) -> tuple[Mismatch, ...]:
    return match_messages(
        tuple(message_with_state_values(message, values) for message in expected), actual, bodies=BODIES
    )


def tags_in(comments: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the tags in the comments of an interaction: {"tags": ["smoke"]} or {"tags": "smoke"}."""
    tags = comments.get("tags", ())
    if isinstance(tags, str):
        return (tags,)
    return tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ()


def comments_in(comments: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what the comments of an interaction say to its readers: the texts, and the name of the test."""
    texts = comments.get("text", ())
    said = [texts] if isinstance(texts, str) else texts if isinstance(texts, list) else []
    test = comments.get("testname")
    named = [f"Test: {test}"] if isinstance(test, str) and test else []
    return (*(text for text in said if isinstance(text, str)), *named)
