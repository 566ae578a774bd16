"""From a question to the answer with the test: what it is made of, its pages, and what to do with it."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tally.assistants.answers import Answer, ToolError, quoted
from tally.assistants.drafting.finding import find_interaction, find_operation
from tally.assistants.drafting.from_archives import exchange_of_har
from tally.assistants.drafting.from_operations import OperationExchange, exchange_of
from tally.assistants.drafting.from_pacts import drafted
from tally.assistants.drafting.interaction import Drafted
from tally.assistants.drafting.java_tests import java_test
from tally.assistants.drafting.javascript_tests import javascript_test
from tally.assistants.drafting.python_tests import python_test
from tally.assistants.drafting.written import Written
from tally.assistants.fitting import units
from tally.assistants.sources.sources import Sources
from tally.pact import parse_pact
from tally.values import dataclass

MOST_TEXT = 120_000
_PAGE, _NOTE, _NOTES = 12_000, 400, 7_000
"""Characters, so that nothing is cut: of the text in one answer, of one note, of all notes."""
_WRITERS: Mapping[str, Callable[[Drafted], Written]] = {
    "python": python_test,
    "javascript": javascript_test,
    "java": java_test,
}


@dataclass(frozen=True)
class DraftQuestion:
    """What a test is to be made of: one of *operation*, *har* and *interaction*."""

    operation: str | None
    har: str | None
    interaction: str | None
    consumer: str | None
    provider: str | None
    status: int | None


def drafted_test(sources: Sources, question: DraftQuestion, *, language: str, page: int) -> Answer:
    """Return the answer with a page of the test. Raises ToolError for what cannot be drafted."""
    found = _drafted(sources, question)
    return _answer(found, _WRITERS[language](found), page)


def _drafted(sources: Sources, asked: DraftQuestion) -> Drafted:
    if sum(each is not None for each in (asked.operation, asked.har, asked.interaction)) != 1:
        raise ToolError("Give one of operation, har and interaction.")
    if asked.status is not None and asked.operation is None:
        raise ToolError("status: only an operation has several answers; leave it out.")
    if asked.interaction is not None:
        found, pact, note = find_interaction(sources, asked.interaction, asked.consumer, asked.provider)
        return drafted(found, pact.consumer, pact.provider, *([note] if note else []))
    if not asked.consumer or not asked.consumer.strip():
        raise ToolError("consumer is missing: the application whose test this is.")
    if asked.operation is not None:
        operation, service = find_operation(sources, asked.operation, asked.provider)
        return _of_exchange(exchange_of(operation, asked.status), asked.consumer, service)
    if not asked.provider or not asked.provider.strip():
        raise ToolError("provider is missing: the application that answered the request of the HAR entry.")
    return _of_exchange(exchange_of_har(asked.har or "", sources), asked.consumer, asked.provider)


def _of_exchange(exchange: OperationExchange, consumer: str, provider: str) -> Drafted:
    pact = parse_pact(
        {
            "consumer": {"name": consumer},
            "provider": {"name": provider},
            "interactions": [exchange.document],
            "metadata": {"pactSpecification": {"version": "4.0"}},
        }
    )
    return drafted(pact.interactions[0], consumer, provider, *exchange.notes)


def _answer(found: Drafted, written: Written, page: int) -> Answer:
    if len(written.text) > MOST_TEXT:
        raise ToolError(
            f"The test would have {len(written.text):,} characters, more than a person reads: draft it from "
            "an interaction with a smaller body."
        )
    pages = _pages(written.text)
    if page > len(pages):
        raise ToolError(f"page {page} is not there: ask for a page from 1 to {len(pages)}.")
    data: dict[str, Any] = {
        "file": written.file,
        "text": pages[page - 1],
        "left_out": _bounded(list(dict.fromkeys((*found.left_out, *written.notes)))),
    }
    steps = [f"Write the text to {written.file}."]
    if len(pages) > 1:
        data |= {"page": page, "pages": len(pages)}
        steps = [f"Write the texts of all {len(pages)} pages to {written.file}, one after the other."]
    steps += [
        *written.steps,
        "At TO FILL IN, call the consumer's own client in place of the plain request, and check its result.",
        "Delete from the answer what the consumer does not read; agree on the states with the provider.",
    ]
    summary = (
        f"A test in {written.file}: {quoted(found.consumer)} asks {quoted(found.provider)} for "
        f"{quoted(found.description)}. It runs as it is, with a plain HTTP client."
    )
    return Answer(summary, data, next=steps)


def _bounded(notes: Sequence[str]) -> list[str]:
    """Return the notes, as far as there is room beside the text of the test."""
    found: list[str] = []
    for note in notes:
        short = note if len(note) <= _NOTE else f"{note[:_NOTE]}…"
        if sum(map(len, found)) + len(short) > _NOTES:
            return [*found, f"… and {len(notes) - len(found)} more"]
        found.append(short)
    return found


def _pages(text: str) -> list[str]:
    """Return the text in parts that fit into an answer, where a quote takes two characters."""
    pages, size = [""], 0
    for sign in text:
        width = units(json.dumps(sign, ensure_ascii=False)) - 2
        if size + width > _PAGE:
            pages.append("")
            size = 0
        pages[-1] += sign
        size += width
    return pages
