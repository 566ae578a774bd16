"""The name of a pact file: made of the names of a pair, and one that every file system takes."""

import re
import unicodedata
from collections.abc import Iterable
from hashlib import sha256

from consumer_sdk.errors import ConflictError
from consumer_sdk.pact_files.recording import Pair

_UNSAFE = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f\ud800-\udfff]')
_MOST_BYTES = 200
"""File systems take 255; programs that write beside a file need a few."""
_DIGITS = 8


def file_name(consumer: str, provider: str) -> str:
    """Return the name of the file for the pact of a pair.

    A name that is too long is cut, and ends with a part of its hash.
    """
    name = _UNSAFE.sub("_", f"{consumer}-{provider}")
    # A file that begins with a dot is hidden; Windows drops dots and spaces at the end.
    name = f"_{name[1:]}" if name.startswith(".") else name
    encoded = name.encode("utf-8", "replace")
    if len(encoded) > _MOST_BYTES:
        digest = sha256(encoded).hexdigest()[:_DIGITS]
        name = f"{encoded[:_MOST_BYTES].decode('utf-8', 'ignore')}-{digest}"
    return f"{name}.json"


def folded(name: str) -> str:
    """Return what is equal for file names that some file systems take for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def refuse_shared_names(pairs: Iterable[Pair]) -> None:
    """Raise ConflictError when two pairs would be written to one file, here or on another machine."""
    owners: dict[str, Pair] = {}
    for pair in pairs:
        name = file_name(*pair)
        owner = owners.setdefault(folded(name), pair)
        if owner != pair:
            first = file_name(*owner)
            where = "" if first == name else f" (where upper and lower case are one: {first})"
            raise ConflictError(
                f"The pacts of {in_words(owner)} and of {in_words(pair)} would both be written to "
                f"{name}{where}: rename one of them."
            )


def in_words(pair: Pair) -> str:
    """Return a pair as messages name it."""
    return f'"{pair[0]}" and "{pair[1]}"'
