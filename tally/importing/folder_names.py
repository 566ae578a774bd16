"""The names of folders and files of an export: safe on every file system, whatever a thing is called."""

import hashlib
import re

_PLAIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")
_LIKE_OURS = re.compile(r"-[0-9a-f]{12}\Z")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?")
"""What Windows takes for a device."""
_OTHER = re.compile(r"[^a-z0-9]+")
_LONGEST = 40
_DIGITS = 12


def folder_name(name: str) -> str:
    """Return a name for *name*: itself, or what is legible of it and a hash.

    Two names differ also where case does not count, and none leads out of its folder.
    """
    is_safe = _PLAIN.fullmatch(name) and not name.endswith(".") and not _RESERVED.fullmatch(name)
    if is_safe and not _LIKE_OURS.search(name):
        return name
    legible = _OTHER.sub("-", name.lower())[:_LONGEST].strip("-")
    return f"{legible or 'x'}-{hashlib.sha256(name.encode()).hexdigest()[:_DIGITS]}"
