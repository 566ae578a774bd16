"""How the properties of forms and the parts of multipart bodies are written (OpenAPI, "Encoding Object")."""

from collections.abc import Callable

from tally.service_contract.parts import DocumentPart
from tally.service_contract.shapes import Header, PartEncoding

HeaderReader = Callable[[str, DocumentPart], Header]


def encodings(content: DocumentPart, header: HeaderReader) -> dict[str, PartEncoding]:
    """Return the encodings of a media type by property; *header* reads a header of a part."""
    return {name: _encoding(part, header) for name, part in content.named("encoding")}


def _encoding(part: DocumentPart, header: HeaderReader) -> PartEncoding:
    written = part.value
    return PartEncoding(
        written.get("contentType"),
        written.get("style"),
        written.get("explode"),
        written.get("allowReserved", False),
        tuple(header(name, each) for name, each in part.named("headers")),
    )
