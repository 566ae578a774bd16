"""Follows links until there is no address left that was not asked for."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

_ADDRESS = re.compile(r"""\s(?:href|src|action)=("[^"]*"|'[^']*')""", re.IGNORECASE)


@dataclass(frozen=True)
class Link:
    """A link of a HAL document, as the document has it."""

    relation: str
    href: str
    templated: bool
    curies: tuple[tuple[str, str], ...]
    """What the document says of where relations are explained: (prefix, template)."""


def crawl(
    starts: Iterable[str], get: Callable[[str], Any], onward: Callable[[str, Any], Iterable[str]]
) -> dict[str, Any]:
    """Return the answers by address; *onward* returns the addresses that one of them leads to."""
    answers: dict[str, Any] = {}
    waiting = list(starts)
    while waiting:
        address = waiting.pop()
        if address not in answers:
            answers[address] = get(address)
            waiting.extend(onward(address, answers[address]))
    return answers


def hal_links(document: Any, curies: tuple[tuple[str, str], ...] = ()) -> Iterator[Link]:
    """Yield every link of a document and of what it embeds, except its curies."""
    if isinstance(document, list):
        for item in document:
            yield from hal_links(item, curies)
    elif isinstance(document, dict):
        links = document.get("_links", {})
        curies = tuple((curie["name"], curie["href"]) for curie in links.get("curies", ())) or curies
        for relation, value in links.items():
            for link in value if isinstance(value, list) else [value]:
                if relation != "curies":
                    yield Link(relation, link["href"], link.get("templated", False), curies)
        for key, value in document.items():
            if key != "_links":
                yield from hal_links(value, curies)


def html_links(text: str) -> list[str]:
    """Return every address that a page names, without the part after "#".

    By a regular expression: a parser takes longer than the broker takes to write the page.
    """
    found = (unescape(quoted[1:-1]) for quoted in _ADDRESS.findall(text))
    return [address.partition("#")[0] for address in found if address]
