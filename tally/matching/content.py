"""Which media type content has, by looking at it."""

import re

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
    (0, b"\x7fELF", ("application/x-executable", "application/x-elf")),
    (0, b"\x00asm", ("application/wasm",)),
    (0, b"%!PS", ("application/postscript",)),
    (0, b"{\\rtf", ("application/rtf", "text/rtf")),
    (0, b"#!", ("application/x-shellscript", "text/x-shellscript")),
)
_SIGNATURES_ALSO_OF_TEXT = [row for row in _SIGNATURES if row[1] not in {b"BM", b"ID3"}]
"""Those that content without the byte 0 may have: a text may begin with BMW."""
_NOT_IN_TEXT = re.compile(r"[\x00-\x06\x0e-\x1a\x1c-\x1f\x7f\ufffe\uffff]")
"""Characters that bytes of a program or a picture have, also where they happen to be UTF-8."""


def content_type_problem(content: object, wanted: str) -> str | None:
    """Return what was wanted, when the content of a body cannot be recognised as it, or None."""
    found = _detected(content)
    kind = media_type(wanted)
    if kind in found or (is_json(kind) and "application/json" in found):
        return None
    seen = f" (it looks like {found[0]})" if found else " (what it is cannot be recognised)"
    return f"content of the type {wanted}{seen}"


def _detected(content: object) -> tuple[str, ...]:
    if not isinstance(content, str | bytes):
        return ("application/json",)
    if types := _signed(content if isinstance(content, bytes) else content.encode(errors="replace")):
        return types
    try:
        text = content if isinstance(content, str) else content.decode()
    except UnicodeDecodeError:
        return ("application/octet-stream",)
    return ("application/octet-stream",) if _NOT_IN_TEXT.search(text) else _detected_in_text(text)


def _signed(content: bytes) -> tuple[str, ...]:
    """Return the types whose signature *content* begins with; none for most texts."""
    signatures = _SIGNATURES if b"\0" in content else _SIGNATURES_ALSO_OF_TEXT
    return next((types for at, signature, types in signatures if content.startswith(signature, at)), ())


def _detected_in_text(text: str) -> tuple[str, ...]:
    if parse_json(text) is not NOT_JSON:
        return ("application/json", "text/plain")
    guessed = guessed_type(text)
    return {"application/xml": ("application/xml", "text/xml"), "text/html": ("text/html",)}.get(
        guessed, (guessed, "text/plain")
    )
