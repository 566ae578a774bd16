"""What changed between two pacts (reference §4.9)."""

import json
from datetime import datetime

from flask import Response

from broker.domain.errors import NotFoundError
from broker.domain.pacts.diff import diff
from broker.domain.pacts.pact import PublishedPact
from broker.services.pacts import pacts
from broker.web.api.pacts import documents
from broker.web.content_types import EXTENDED, HAL, JSON, PLAIN
from broker.web.context import links, now, reading
from broker.web.hal import Links, timestamp
from broker.web.resource import ApiResource
from tally.amounts import ago

api = ApiResource("pact_differences", __name__)
api.relation("pb:previous-distinct", "The newest earlier pact with other content.", "previous-distinct-pact")
api.relation(
    "pb:diff-previous-distinct",
    "What changed since the newest earlier pact with other content, as text.",
    "diff-with-previous-distinct",
)
api.relation("pb:diff", "What is different from another pact, as text.", "diff-with-version")


@api.get("previous-distinct-pact", answers="Pact", types=(HAL, JSON, EXTENDED))
def previous(provider: str, consumer: str, consumer_version: str) -> Response:
    """Show the newest earlier pact with other content."""
    with reading() as storage:
        pact = pacts.of_version(storage, provider, consumer, consumer_version)
        found = pacts.previous_distinct(storage, pact)
    if found is None:
        raise NotFoundError(_nothing_before(pact))
    return documents.represent(found, links())


@api.get("diff-with-previous-distinct", types=(PLAIN,))
def since_previous(provider: str, consumer: str, consumer_version: str) -> Response:
    """Show what changed since the newest earlier pact with different content."""
    with reading() as storage:
        pact = pacts.of_version(storage, provider, consumer, consumer_version)
        before = pacts.previous_distinct(storage, pact)
    return _text(_nothing_before(pact) if before is None else changes(before, pact, links(), now()))


@api.get("diff-with-version", types=(PLAIN,))
def since_version(provider: str, consumer: str, consumer_version: str, other_version: str) -> Response:
    """Show the differences from the pact of another consumer version."""
    with reading() as storage:
        pact = pacts.of_version(storage, provider, consumer, consumer_version)
        other = pacts.of_version(storage, provider, consumer, other_version)
    return _text(changes(other, pact, links(), now()))


@api.get("diff-of-contents", types=(PLAIN,))
def between_contents(provider: str, consumer: str, sha: str, other_sha: str) -> Response:
    """Show the differences from another content."""
    with reading() as storage:
        pact = pacts.with_content(storage, provider, consumer, sha)
        other = pacts.with_content(storage, provider, consumer, other_sha)
    return _text(changes(other, pact, links(), now()))


def changes(before: PublishedPact, after: PublishedPact, links: Links, now: datetime) -> str:
    """Return in Markdown what changed, when, and where to find both pacts."""
    found = diff(before.text, after.text)
    body = f"```diff\n{found}\n```" if found else "Nothing: the two have the same content."
    return (
        f"# Pact between {after.consumer} and {after.provider}: "
        f"version {after.version} compared with {before.version}\n\n"
        f"Published {ago(after.created_at, now)} ({timestamp(after.created_at)}).\n\n"
        f"{body}\n\n"
        f"## Links\n\n```yaml\n{_yaml('before', before, links)}{_yaml('after', after, links)}```\n"
    )


def _yaml(name: str, pact: PublishedPact, links: Links) -> str:
    url = links.href("pact", provider=pact.provider, consumer=pact.consumer, consumer_version=pact.version)
    # A string of JSON is one of YAML as well, whatever is in it.
    return f"{name}:\n  title: {json.dumps(pact.name, ensure_ascii=False)}\n  url: {json.dumps(url)}\n"


def _nothing_before(pact: PublishedPact) -> str:
    return f"There is no earlier version of the {pact.name[0].lower()}{pact.name[1:]} with other content"


def _text(text: str) -> Response:
    return Response(text, content_type="text/plain;charset=utf-8")
