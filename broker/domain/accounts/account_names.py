"""Names of accounts and teams: which are refused, and when two are the same to a reader."""

import re
import unicodedata
from collections.abc import Callable
from itertools import count

LONGEST = 64
"""Characters."""
RESERVED = frozenset(
    ("all", "anybody", "broker", "everybody", "everywhere", "me", "new", "nobody", "settings", "tally")
)
_NOT_IN_NAMES = re.compile(r"[^\w.@+-]+")
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_HIDDEN_L = re.compile(r"(?<=[^\W\d_A-Z])I")
"""A capital I after a small letter: it is read as a small l."""
_LOOK_ALIKES = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u051b\u051d"  # of Cyrillic
    "\u0432\u043a\u043c\u043d\u0442\u04cf"
    "\u03b1\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u03c9\u03b3"  # of Greek
    "\u0585\u057d\u0570\u0578\u0251\u0261\u013101|",  # of Armenian and Latin, and digits
    "aeopcyxijshdqwbkmhtlaikvoptuxwyouhnagioll",
)
"""Small letters and digits, and the Latin letters that a reader takes them for."""


def broken_name_rule(name: str) -> str | None:
    """Return what is wrong with the name of a new account or team, or None."""
    if len(name) > LONGEST:
        return f"cannot be longer than {LONGEST} characters (it has {len(name)})"
    rules = (
        (not name.strip(), "cannot be blank"),
        (any(map(_is_unseen, name)), "cannot contain a tab, a line feed or a character that nobody sees"),
        (name != name.strip() or "  " in name, "cannot begin or end with a space, or have two in a row"),
        (":" in name, "cannot contain ':', which ends a user name in HTTP"),
        (any(letter in name for letter in "/\\?#%"), "cannot contain '/', '\\', '?', '#' or '%'"),
        (not any(map(str.isalnum, name)), "must have a letter or a digit"),
        (name_key(name) in _RESERVED_KEYS, f"cannot be '{name}', which has a meaning of its own"),
    )
    return next((message for is_broken, message in rules if is_broken), None)


def written(name: str) -> str:
    """Return the name as it is stored: of several ways to write its characters, the shortest."""
    return unicodedata.normalize("NFC", name)


def name_key(name: str) -> str:
    """Return what names have in common that a reader takes for the same.

    That is: without case, without other forms of the same characters, and with Latin letters for those of
    other scripts, and for digits, that look like them.
    """
    plain = _HIDDEN_L.sub("l", unicodedata.normalize("NFKC", name))
    return unicodedata.normalize("NFKC", plain.casefold()).translate(_LOOK_ALIKES)


def is_same_name(one: str, other: str) -> bool:
    """Return whether both are the same name but for case, and do not only look alike."""
    return _without_case(one) == _without_case(other)


def suggested_name(*wanted: str) -> str:
    """Return a name for an account, made of the first text of which something is left."""
    for text in wanted:
        plain = unicodedata.normalize("NFKC", text[: 4 * LONGEST])
        name = _NOT_IN_NAMES.sub("-", plain).strip("-.")[:LONGEST]
        if name and broken_name_rule(name) is None:
            return name
    return "person"


def free_name(wanted: str, is_taken: Callable[[str], bool]) -> str:
    """Return the name, with a number behind it if another account has it."""
    names = (wanted if number == 1 else f"{wanted[: LONGEST - 8]}-{number}" for number in count(1))
    return next(name for name in names if not is_taken(name_key(name)))


def _without_case(name: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def _is_unseen(character: str) -> bool:
    category = unicodedata.category(character)
    return category in _UNSEEN or (category == "Zs" and character != " ")


_RESERVED_KEYS = frozenset(map(name_key, RESERVED))
