"""A request as a command to copy."""

import re
from shlex import quote as in_quotes
from urllib.parse import quote

from tally.hashing import compact_json
from tally.pact import Presence, Request

PROVIDER = "http://localhost:8080"
"""Where a provider listens in the commands that pages show."""
_LONGEST_BODY = 4_000
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SAFE = "/:,@'()*;!$~"
_ESCAPES = {"\n": r"\n", "\r": r"\r", "\t": r"\t", "\\": r"\\", "'": r"\'"}


def curl(request: Request) -> str:
    """Return a command that sends the request; nothing in it is run by a shell, whatever it says."""
    body = _body(request)
    words = ["curl", "-i", "-g", *_method(request.method.upper(), has_body=body is not None)]
    words.append(shell_word(PROVIDER + _path(request)))
    for name, values in request.headers.items():
        words += ["-H", shell_word(f"{name}: {', '.join(values)}")]
    if body is not None:
        words += body
    return " ".join(words)


def shell_word(text: str) -> str:
    """Return the text as one word of bash, zsh or ksh; without control characters, of any shell.

    A control character could end what a terminal pastes, or move its cursor.
    """
    if not _CONTROL.search(text):
        return in_quotes(text)
    return f"$'{''.join(map(_escaped, text))}'"


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    return f"\\{ord(character):03o}" if _CONTROL.match(character) else character


def _method(method: str, *, has_body: bool) -> list[str]:
    usual = "POST" if has_body else "GET"
    return [] if method == usual else ["-X", shell_word(method)]


def _path(request: Request) -> str:
    pairs = [
        quote(name, safe=_SAFE) if value is None else f"{quote(name, safe=_SAFE)}={quote(value, safe=_SAFE)}"
        for name, values in request.query.items()
        for value in values
    ]
    path = quote(request.path, safe=f"{_SAFE}%=+")
    return f"{path}?{'&'.join(pairs)}" if pairs else path


def _body(request: Request) -> list[str] | None:
    """Return the options for the body; one that is long or no text is to be in a file."""
    body = request.body
    if body.presence is not Presence.PRESENT:
        return ["--data-raw", "null"] if body.presence is Presence.NULL else None
    if isinstance(body.value, bytes):
        return ["--data-binary", "@body"]
    if isinstance(body.value, str) and "json" not in (body.content_type or "json"):
        text = body.value
    else:
        text = compact_json(body.value).decode()
    if len(text) > _LONGEST_BODY or "\0" in text:
        return ["--data-binary", "@body"]
    return ["--data-raw", shell_word(text)]
