"""The Pact Broker's extended documents: with the tags of the version, on request (reference §4.8, §7.2)."""

from collections.abc import Iterable

import orjson
from flask import Response, request

from broker.domain.pacticipants.details import LatestTag
from broker.web.content_types import EXTENDED
from broker.web.hal import Hal, Links


def is_wanted() -> bool:
    """Return whether the client asks for the extended document."""
    return EXTENDED in request.headers.get("Accept", "")


def answer(document: Hal, tags: Iterable[Hal]) -> Response:
    """Return the document with tags embedded."""
    extended = {**document, "_embedded": {"tags": list(tags)}}
    return Response(orjson.dumps(extended), content_type=f"{EXTENDED};charset=utf-8")


def tag(found: LatestTag, links: Links, *, pacticipant: str, version: str) -> Hal:
    """Return a tag as extended documents show it."""
    itself = links.to(
        "version-tag", "Tag", found.name, pacticipant=pacticipant, version=version, tag=found.name
    )
    return {"name": found.name, "latest": found.latest, "_links": {"self": itself}}
