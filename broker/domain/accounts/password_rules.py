"""Which passwords of people are refused."""

import re
import unicodedata
from itertools import pairwise

SHORTEST, LONGEST = 12, 256
"""Characters."""
_WORDS = (
    "abc access account admin administrator asdf asdfgh asdfghjkl baseball broker changeit changeme "
    "computer contract default demo dragon football guest hello iloveyou jesus keyboard letmein login "
    "lovely master monkey pact pactflow pass passphrase password passwort princess qazwsx qazwsxedc "
    "qwerty qwertyuiop qwertz qwertzuiop root secret shadow starwars summer sunshine superman superuser "
    "tally tallystick temp temporary test tester testing trustnoone user username welcome whatever "
    "winter yxcvbnm zaqwsx zxcvbn zxcvbnm"
)
_COMMON_WORDS = frozenset(_WORDS.split())
"""Words that passwords are often made of: alone, repeated, two together, with digits around."""
_READ_AS = str.maketrans("0134578@$!", "oleastbasi")
_EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_FEWEST_CHARACTERS = 5
_FEWEST_TURNS = 4
_SHORTEST_NAME = 3
"""Characters; a shorter one is in many words."""


def broken_password_rule(password: str, account: str) -> str | None:
    """Return what is wrong with a password for the account of that name, or None."""
    if len(password) < SHORTEST:
        return f"must have {SHORTEST} characters at least (it has {len(password)})"
    if len(password) > LONGEST:
        return f"cannot be longer than {LONGEST} characters (it has {len(password)})"
    folded = comparable(password).casefold()
    rest = folded.replace(account.casefold(), "") if len(account) >= _SHORTEST_NAME else folded
    rules = (
        (_has_control_character(password), "cannot contain a control character"),
        (
            _is_a_row(folded),
            "has too few different characters, or only a row of them: it would be guessed soon",
        ),
        (_is_common(folded), "is a common one: it would be guessed soon"),
        (len(rest) < SHORTEST / 2, "is little more than the name of the account"),
    )
    return next((message for is_broken, message in rules if is_broken), None)


def comparable(password: str) -> str:
    """Return the password as it is hashed: one that looks the same, typed on another keyboard, is it."""
    return unicodedata.normalize("NFKC", password)


def _has_control_character(text: str) -> bool:
    return any(unicodedata.category(character) in {"Cc", "Cs"} for character in text)


def _is_a_row(text: str) -> bool:
    return len(set(text)) < _FEWEST_CHARACTERS or _turns(text) < _FEWEST_TURNS


def _turns(text: str) -> int:
    """Return how often the step from one character to the next changes: never, in 123456789012."""
    steps = [ord(after) - ord(before) for before, after in pairwise(text)]
    return sum(step != following for step, following in pairwise(steps))


def _is_common(folded: str) -> bool:
    bare = _EDGES.sub("", folded)
    return any(
        _is_of_words(re.sub(r"[\W\d_]", "", text))
        for text in (folded, bare, folded.translate(_READ_AS), bare.translate(_READ_AS))
    )


def _is_of_words(letters: str) -> bool:
    """Return whether nothing is left of the letters when they are read as up to three common words."""
    left = {letters}
    for _ in range(3):
        left = {text.removeprefix(word) for text in left for word in _COMMON_WORDS if text.startswith(word)}
        if "" in left:
            return True
    return False
