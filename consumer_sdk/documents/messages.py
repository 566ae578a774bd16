"""A message, as a pact file has it."""

from typing import Any

from consumer_sdk.documents.bodies import enveloped, example_of_body, plain
from consumer_sdk.documents.categories import Categories
from consumer_sdk.documents.declared import DeclaredMessage
from consumer_sdk.documents.fields import mapping_of, metadata_of


def message_document(
    message: DeclaredMessage, specification: str, *, received: bool = True
) -> dict[str, Any]:
    """Return the contents, the metadata, and what stands beside them; the type is among the metadata.

    Raises DeclarationError for what the version cannot say.
    """
    categories = Categories(received=received)
    document: dict[str, Any] = {}
    metadata = mapping_of(message.metadata, "metadata")
    if message.content is not None:
        content_type = message.content_type or "application/json"
        metadata = {"contentType": content_type, **metadata}
        body = example_of_body(message.content, content_type)
        categories.add("body", body)
        write = enveloped if specification == "V4" else plain
        document["contents"] = write(body.value, content_type)
    named = metadata_of(metadata, categories)
    if named:
        document["metadata"] = named
    return dict(sorted({**document, **categories.document(specification)}.items()))
