"""Names of applications that a reader takes for that of another team's."""

import unicodedata
from collections.abc import Collection, Iterable
from typing import Final

from broker.domain.accounts.account_names import name_key

_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_BLANK: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters and signs of which nothing is seen."""
_MARKS: Final = ((0x0300, 0x036F), (0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
"""Accents, and what chooses a form of the character before. Marks of other scripts tell words apart."""


def look_alike(name: str, owned: Iterable[tuple[str, int]], teams: Collection[int]) -> tuple[str, int] | None:
    """Return a name that others own, with a team that does, which a reader takes for *name*, or None.

    *owned* are names of applications and the teams that own them; what one of *teams* owns is not others'.
    """
    key = application_key(name)
    found = [(other, team) for other, team in owned if application_key(other) == key]
    own = {other for other, team in found if team in teams}
    return next((each for each in found if each[0] not in own), None)


def application_key(name: str) -> str:
    """Return what is left of a name without case, accents, what nobody sees, and look-alike letters."""
    if name.isascii() and name.isprintable():  # as nearly all are: all names are looked at
        return name_key(" ".join(name.split()))
    plain = unicodedata.normalize("NFKD", name)
    seen = "".join(" " if letter.isspace() else letter for letter in plain if not _is_ignored(letter))
    return name_key(" ".join(seen.split()))


def _is_ignored(letter: str) -> bool:
    is_mark = any(first <= ord(letter) <= last for first, last in _MARKS)
    return is_mark or letter in _BLANK or (unicodedata.category(letter) in _UNSEEN and not letter.isspace())
