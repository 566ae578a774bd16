"""A message, as a pact file has it."""

from collections.abc import Mapping
from typing import Any

from consumer_sdk.documents.bodies import enveloped, example_of_body, plain
from consumer_sdk.documents.categories import Categories
from consumer_sdk.documents.parts import metadata_of


def message_document(
    content: object, content_type: str | None, metadata: Mapping[str, object], specification: str
) -> dict[str, Any]:
    """Return the contents, the metadata, and what stands beside them; the type is among the metadata."""
    categories = Categories()
    document: dict[str, Any] = {}
    if content is not None:
        content_type = content_type or "application/json"
        metadata = {"contentType": content_type, **metadata}
        body = example_of_body(content, content_type)
        categories.add("body", body.rules)
        write = enveloped if specification == "V4" else plain
        document["contents"] = write(body.value, content_type)
    named = metadata_of(metadata, categories)
    if named:
        document["metadata"] = named
    return {**document, **categories.document(specification)}
