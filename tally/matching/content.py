"""Which media type content has, by looking at it."""

from tally.pact.bodies import NOT_JSON, guessed_type, is_json, media_type, parse_json

_SIGNATURES: tuple[tuple[int, bytes, tuple[str, ...]], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", ("image/png",)),
    (0, b"\xff\xd8\xff", ("image/jpeg", "image/jpg")),
    (0, b"GIF87a", ("image/gif",)),
    (0, b"GIF89a", ("image/gif",)),
    (8, b"WEBP", ("image/webp",)),
    (0, b"BM", ("image/bmp",)),
    (0, b"II*\x00", ("image/tiff",)),
    (0, b"MM\x00*", ("image/tiff",)),
    (0, b"%PDF-", ("application/pdf",)),
    (0, b"PK\x03\x04", ("application/zip", "application/x-zip-compressed")),
    (0, b"\x1f\x8b", ("application/gzip", "application/x-gzip")),
    (4, b"ftyp", ("video/mp4", "audio/mp4", "video/quicktime")),
    (0, b"ID3", ("audio/mpeg", "audio/mp3")),
    (0, b"OggS", ("audio/ogg", "video/ogg", "application/ogg")),
    (8, b"WAVE", ("audio/wav", "audio/x-wav")),
)


def content_type_problem(content: object, wanted: str) -> str | None:
    """Return what was wanted, when the content of a body cannot be recognised as it, or None."""
    found = _detected(content)
    kind = media_type(wanted)
    if kind in found or (is_json(kind) and "application/json" in found):
        return None
    seen = f" (it looks like {found[0]})" if found else " (what it is cannot be recognised)"
    return f"content of the type {wanted}{seen}"


def _detected(content: object) -> tuple[str, ...]:
    if isinstance(content, bytes):
        return _detected_in_bytes(content)
    if not isinstance(content, str):
        return ("application/json",)
    if parse_json(content) is not NOT_JSON:
        return ("application/json", "text/plain")
    guessed = guessed_type(content)
    return (guessed, "text/xml", "text/plain") if guessed == "application/xml" else (guessed, "text/plain")


def _detected_in_bytes(content: bytes) -> tuple[str, ...]:
    for offset, signature, types in _SIGNATURES:
        if content.startswith(signature, offset):
            return types
    try:
        return (*_detected(content.decode()), "application/octet-stream")
    except UnicodeDecodeError:
        return ("application/octet-stream",)
