"""What each interaction of a pact uses, without knowing the document of the provider yet.

It is small and plain JSON, so that a broker can keep it for each content of a pact, and find the operations
when it is asked.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, fields
from functools import cached_property
from typing import Any

from tally.comparison.styles import cookies_of
from tally.pact import (
    HttpInteraction,
    Interaction,
    Message,
    MessageInteraction,
    Pact,
    RuleSet,
    SynchronousMessageInteraction,
)
from tally.pact.bodies import is_about_type
from tally.usage.body_paths import body_paths
from tally.values import dataclass

MOST_INTERACTIONS = 5_000
HTTP, MESSAGE, REQUEST_REPLY, ANYTHING = "http", "message", "request-reply", "anything"
_CLASSES = {
    "info": ("1XX",),
    "success": ("2XX",),
    "redirect": ("3XX",),
    "clientError": ("4XX",),
    "serverError": ("5XX",),
    "nonError": ("1XX", "2XX", "3XX"),
    "error": ("4XX", "5XX"),
}


_ID = re.compile(r"\d+|[0-9a-fA-F-]{16,}")


def key_of(*parts: str) -> str:
    """Return a short text that is the same for the same parts, in every process."""
    return hashlib.blake2b(" ".join(parts).encode(), digest_size=8).hexdigest()


@dataclass(frozen=True)
class Use:
    """What one interaction uses. *kind* is "http", "message", "request-reply", or "anything" with a *reason*.

    *request*, *response* and *payload* are texts of BodyPath. *statuses* are "200" or classes such as "2XX".
    *pattern* is a regular expression that paths may satisfy instead of being *path*. *operation* is the id
    that a message refers to, *channels* what may be the name of its channel.
    """

    kind: str
    interaction: str = ""
    index: int = 0
    reason: str = ""
    method: str = ""
    path: str = ""
    pattern: str = ""
    statuses: tuple[str, ...] = ()
    query: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    cookies: tuple[str, ...] = ()
    request: tuple[str, ...] = ()
    response: tuple[str, ...] = ()
    response_headers: tuple[str, ...] = ()
    operation: str = ""
    channels: tuple[str, ...] = ()

    @cached_property
    def signature(self) -> str:
        """What stays the same when the example has another id, or the interaction another description."""
        shape = "/".join("{}" if _ID.fullmatch(part) else part for part in self.path.split("/"))
        return " ".join((self.kind, self.method, shape, ",".join(self.statuses), self.operation))

    def part_keys(self) -> Iterator[str]:
        """Yield the key of the use itself, and of each of its parts."""
        yield key_of(self.signature)
        for part, names in (
            ("query", self.query),
            ("header", self.headers),
            ("cookie", self.cookies),
            ("request", self.request),
            ("response", self.response),
            ("response header", self.response_headers),
        ):
            yield from (key_of(self.signature, part, name) for name in names)

    def as_json(self) -> dict[str, Any]:
        """Return what is not empty."""
        return {name: value for name in _FIELDS if (value := getattr(self, name))}

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> "Use":
        """Return what `as_json` wrote."""
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in written.items()
        }
        return cls(**values)


_FIELDS = tuple(each.name for each in fields(Use))


@dataclass(frozen=True)
class Uses:
    """What the interactions of a pact use."""

    uses: tuple[Use, ...] = field(default=())

    def as_json(self) -> list[dict[str, Any]]:
        """Return them as plain JSON."""
        return [use.as_json() for use in self.uses]

    @classmethod
    def from_json(cls, written: Iterable[Mapping[str, Any]]) -> "Uses":
        """Return what `as_json` wrote."""
        return cls(tuple(map(Use.from_json, written)))


def anything(reason: str) -> Uses:
    """Return the use of a consumer of which nothing else is known: it may use everything."""
    return Uses((Use(ANYTHING, "the whole pact", reason=reason),))


def uses_of(pact: Pact) -> Uses:
    """Return what each interaction uses; with too many of them, the pact may use everything."""
    if len(pact.interactions) > MOST_INTERACTIONS:
        return anything(f"the pact has more than {MOST_INTERACTIONS:,} interactions")
    return Uses(tuple(_use(each, index) for index, each in enumerate(pact.interactions)))


def _use(interaction: Interaction, index: int) -> Use:
    if interaction.plugin is not None:
        reason = f'its content is of the plugin "{interaction.plugin}"'
        return Use(ANYTHING, interaction.description, index, reason)
    if isinstance(interaction, HttpInteraction):
        return _http(interaction, index)
    if isinstance(interaction, MessageInteraction):
        return Use(
            MESSAGE,
            interaction.description,
            index,
            headers=_metadata(interaction.message),
            response=_paths(interaction.message),
            operation=_reference(interaction),
            channels=_channels(interaction.message),
        )
    if isinstance(interaction, SynchronousMessageInteraction):
        replies = dict.fromkeys(path for reply in interaction.responses for path in _paths(reply))
        return Use(
            REQUEST_REPLY,
            interaction.description,
            index,
            headers=_metadata(interaction.request),
            request=_paths(interaction.request),
            response=tuple(replies),
            operation=_reference(interaction),
            channels=_channels(interaction.request),
        )
    return Use(ANYTHING, interaction.description, index, "its kind is not known")


def _http(interaction: HttpInteraction, index: int) -> Use:
    request, response = interaction.request, interaction.response
    query = set(request.query) | {name.partition("[")[0] for name in request.rules.query}
    return Use(
        HTTP,
        interaction.description,
        index,
        method=request.method.upper(),
        path=request.path.partition("?")[0],
        pattern=_pattern(request.rules.path),
        statuses=_statuses(response.status, response.rules.status),
        query=tuple(sorted(query)),
        headers=_names(request.headers, request.rules.header),
        cookies=_cookies(request.headers),
        request=tuple(map(str, body_paths(request.body, request.rules))),
        response=tuple(map(str, body_paths(response.body, response.rules))),
        response_headers=_names(response.headers, response.rules.header),
    )


def _pattern(rules: RuleSet | None) -> str:
    found = [str(rule.attributes["regex"]) for rule in rules.rules if rule.match == "regex"] if rules else []
    return found[0] if found else ""


def _statuses(status: int | None, rules: RuleSet | None) -> tuple[str, ...]:
    said: list[str] = [] if status is None else [str(status)]
    for rule in rules.rules if rules else ():
        wanted = rule.attributes.get("status")
        if isinstance(wanted, list):
            said += map(str, wanted)
        else:
            said += _CLASSES.get(str(wanted), ())
    return tuple(dict.fromkeys(said))


def _names(headers: Mapping[str, Any], rules: Mapping[str, RuleSet]) -> tuple[str, ...]:
    names = {name.lower() for name in headers} | {name.partition("[")[0].lower() for name in rules}
    return tuple(sorted(names))


def _cookies(headers: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    written = [text for name, texts in headers.items() if name.lower() == "cookie" for text in texts]
    return tuple(sorted(cookies_of(written)))


def _paths(message: Message) -> tuple[str, ...]:
    return tuple(map(str, body_paths(message.body, message.rules)))


def _metadata(message: Message) -> tuple[str, ...]:
    names = {*message.metadata, *(name.partition("[")[0] for name in message.rules.metadata)}
    return tuple(sorted(name for name in names if not is_about_type(name)))


def _channels(message: Message) -> tuple[str, ...]:
    return tuple(value for value in message.metadata.values() if isinstance(value, str))


def _reference(interaction: Interaction) -> str:
    references = interaction.comments.get("references")
    of_asyncapi = references.get("AsyncAPI") if isinstance(references, dict) else None
    operation = of_asyncapi.get("operationId") if isinstance(of_asyncapi, dict) else None
    return operation if isinstance(operation, str) else ""
