"""Certificates that webhooks trust besides the system's: files, or their text, as PEM (reference §12)."""

import re
from collections.abc import Iterable, Mapping, Sequence

_NUMBERED = re.compile(r"WEBHOOK_CERTIFICATES__(\d+)__(CONTENT|PATH|DESCRIPTION)")
_BEGINS = "-----BEGIN CERTIFICATE-----"


class InvalidCertificateError(ValueError):
    """A variable does not give a usable certificate; the text names it and says what to do."""


def is_text(certificate: str) -> bool:
    """Return whether this is a certificate in PEM form, not the name of a file."""
    return _BEGINS in certificate


def is_numbered(name: str) -> bool:
    """Return whether a variable of this name, without its prefix, is about one certificate."""
    return _NUMBERED.fullmatch(name) is not None


def numbered(environment: Mapping[str, str], prefixes: Sequence[str]) -> tuple[str, ...]:
    """Return the certificates of PREFIX_WEBHOOK_CERTIFICATES__0__CONTENT and __PATH, in their order.

    __DESCRIPTION is for people, and ignored. Raises InvalidCertificateError.
    """
    found: dict[int, dict[str, tuple[str, str]]] = {}
    for prefix in reversed(prefixes):  # the first one wins
        for variable, value in environment.items():
            match = (
                _NUMBERED.fullmatch(variable.removeprefix(prefix)) if variable.startswith(prefix) else None
            )
            if match and value:
                found.setdefault(int(match[1]), {})[match[2]] = variable, value
    return tuple(_certificate(number, parts) for number, parts in sorted(found.items()))


def _certificate(number: int, parts: Mapping[str, tuple[str, str]]) -> str:
    content, path = parts.get("CONTENT"), parts.get("PATH")
    if content and path:
        raise InvalidCertificateError(
            f"{content[0]} and {path[0]} are for the same certificate: keep one of them"
        )
    if path:
        return path[1]
    if content is None:
        raise InvalidCertificateError(
            f"webhook certificate {number} has only a description: "
            f"set TALLY_WEBHOOK_CERTIFICATES__{number}__PATH or __CONTENT"
        )
    text = content[1].replace("\\n", "\n")  # many tools can only set variables of one line
    if not is_text(text):
        raise InvalidCertificateError(f"{content[0]} is not a certificate: it has no line {_BEGINS}")
    return text


def as_variables(certificates: Iterable[str], name: str) -> dict[str, str]:
    """Return the variables that `numbered` reads as those of *certificates* that are texts."""
    texts = [certificate for certificate in certificates if is_text(certificate)]
    return {f"{name}__{number}__CONTENT": text for number, text in enumerate(texts)}
