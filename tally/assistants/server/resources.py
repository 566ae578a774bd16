"""Resources: pacts, service contracts, results and pages of documentation, each by an address of its own."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from tally.assistants.answers import Answer, ToolError, quoted, text_of
from tally.assistants.server import documentation
from tally.assistants.server.pieces import pages_of
from tally.assistants.server.stored import latest_pacts, pact, result, service_contract
from tally.assistants.sources.sources import Sources
from tally.assistants.tool import explained
from tally.values import dataclass

SCHEME = "tally://"
_PAGE_SIZE = 100
_MOST_DIGITS = 7
"""Of the number of a page: far more than there can be."""


class MimeType(Enum):
    """How the text of a resource is written."""

    JSON = "application/json"
    MARKDOWN = "text/markdown"
    PLAIN = "text/plain"


@dataclass(frozen=True)
class Described:
    """A resource or, where *uri* has variables, a template of resources."""

    uri: str
    name: str
    description: str
    mime_type: MimeType = MimeType.JSON


@dataclass(frozen=True)
class Page:
    """Some of the resources; *next* is the cursor of those that follow, if there are any."""

    items: Sequence[Described]
    next: str | None


@dataclass(frozen=True)
class Contents:
    """What a resource is."""

    text: str
    mime_type: MimeType


TEMPLATES = (
    Described(
        "tally://pacts/{consumer}/{provider}/latest{?page}", "pact", "The newest pact of two applications."
    ),
    Described(
        "tally://pacts/{consumer}/{provider}/versions/{version}{?page}",
        "pact of a version",
        "The pact of a version of the consumer.",
    ),
    Described(
        "tally://pacts/{consumer}/{provider}/branches/{branch}{?page}",
        "pact of a branch",
        "The newest pact on a branch of the consumer.",
    ),
    Described(
        "tally://results/{consumer}/{provider}/latest{?page}",
        "verification result",
        "The newest result of the newest pact of two applications.",
    ),
    Described(
        "tally://results/{consumer}/{provider}/versions/{version}{?page}",
        "verification result of a version",
        "The newest result of the pact of a version of the consumer.",
    ),
    Described(
        "tally://service-contracts/{service}/versions/{version}{?page}",
        "service contract",
        "What a version of an application offers: OpenAPI, AsyncAPI or a native document.",
    ),
    Described(
        "tally://files/{path}{?page}", "file", "A pact or service contract that --pacts or --contract name."
    ),
    Described("tally://docs/commands/{command}", "help of a command", "What `tally COMMAND --help` says."),
)


def listed(sources: Sources, cursor: str | None) -> Page:
    """Return the documentation, the files and the newest pact of each pair. Raises ToolError."""
    found = explained(
        "The list of resources",
        lambda: [*_documentation(), *_of_files(sources), *_of_the_broker(sources)],
    )
    start = _number(cursor or "0")
    if start is None or start >= len(found) or (cursor and not start):
        raise ToolError(f"cursor: {quoted(cursor)} is not the one of a page: list the resources anew.")
    end = start + _PAGE_SIZE
    return Page(found[start:end], str(end) if end < len(found) else None)


def read(sources: Sources, uri: str) -> Contents:
    """Return what is at the address. Raises ToolError, which says what there is."""
    return explained("This resource", lambda: _read(sources, uri))


def _read(sources: Sources, uri: str) -> Contents:
    parts, page = _parsed(uri)
    match parts:
        case ["docs", "assistants"]:
            return Contents(documentation.skill(), MimeType.MARKDOWN)
        case ["docs", "commands", *command] if len(command) <= 1:
            return Contents(documentation.help_of(*command), MimeType.PLAIN)
    return _document(uri, page, _found(sources, uri, parts))


def _found(sources: Sources, uri: str, parts: Sequence[str]) -> Any:
    match parts:
        case ["pacts", consumer, provider, *which]:
            return pact(sources.broker, consumer, provider, _place(uri, which, "versions", "branches"))
        case ["results", consumer, provider, *which]:
            return result(sources.broker, consumer, provider, _place(uri, which, "versions"))
        case ["service-contracts", service, "versions", version]:
            return service_contract(sources.broker, service, version)
        case ["files", path]:
            return _file(sources, path)
    raise _no_such(uri)


def address(*parts: str) -> str:
    """Return the address that these names lead to."""
    return SCHEME + "/".join(quote(part, safe="") for part in parts)


def _parsed(uri: str) -> tuple[list[str], int]:
    path, _, query = uri.removeprefix(SCHEME).partition("?")
    given = dict(parse_qsl(query, keep_blank_values=True))
    text = given.pop("page", "1")
    parts = [unquote(part) for part in path.split("/")]
    if not uri.startswith(SCHEME) or given or not all(parts):
        raise _no_such(uri)
    page = _number(text)
    if page is None:
        raise ToolError(f"page: {quoted(text)} is not the number of a page.")
    return parts, page


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


def _no_such(uri: str) -> ToolError:
    templates = ", ".join(template.uri for template in TEMPLATES)
    return ToolError(
        f"There is no resource {quoted(uri)}. Names in an address are percent-encoded ('/' is %2F). There "
        f"are tally://docs/assistants, tally://docs/commands, {templates}."
    )


def _place(uri: str, which: Sequence[str], *kinds: str) -> tuple[str, str]:
    match which:
        case ["latest"]:
            return "latest", ""
        case [kind, name] if kind in kinds:
            return kind, name
    raise _no_such(uri)


def _document(uri: str, number: int, document: Any) -> Contents:
    pages = pages_of(document)
    whole = uri.partition("?")[0]
    if not 1 <= number <= len(pages):
        raise ToolError(f"page: there is no page {number}: there are pages 1 to {len(pages)}.")
    summary = f"Page {number} of {len(pages)}, in pieces." if len(pages) > 1 else "The whole document."
    following = [f"Read {whole}?page={number + 1} for the next page."] if number < len(pages) else []
    return Contents(text_of(Answer(summary, pages[number - 1], following).document()), MimeType.JSON)


def _documentation() -> list[Described]:
    return [
        Described(
            address("docs", "assistants"),
            "How to work with contracts",
            "How to write good pacts, verify them, and act on what the broker answers.",
            MimeType.MARKDOWN,
        ),
        Described(
            address("docs", "commands"), "Commands", "What the commands of `tally` do.", MimeType.PLAIN
        ),
    ]


def _of_files(sources: Sources) -> list[Described]:
    pacts = [
        Described(
            address("files", str(each.path)),
            f"Pact of {quoted(each.consumer)} with {quoted(each.provider)} ({each.path.name})",
            "A pact of this machine.",
        )
        for each in sources.files.pacts()
    ]
    contracts = [
        Described(
            address("files", str(each.path)),
            f"Service contract of {quoted(each.service or 'a service')} ({each.path.name})",
            "A service contract of this machine.",
        )
        for each in sources.files.service_contracts()
    ]
    return pacts + contracts


def _of_the_broker(sources: Sources) -> list[Described]:
    if sources.asked is None:
        return []
    return [
        Described(
            address("pacts", consumer, provider, "latest"),
            f"Pact of {quoted(consumer)} with {quoted(provider)}",
            "The newest pact of the two.",
        )
        for consumer, provider in latest_pacts(sources.asked)
    ]


def _file(sources: Sources, path: str) -> Mapping[str, Any]:
    found = {str(each.path): each.document for each in sources.files.pacts()}
    found |= {str(each.path): each.document for each in sources.files.service_contracts()}
    if path in found:
        return found[path]
    names = ", ".join(quoted(address("files", each)) for each in list(found)[:20])
    raise ToolError(f"{quoted(path)} is none of the files. There are {names or 'none'}.")
