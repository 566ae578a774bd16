"""Regular expressions of contracts, which were written for other languages than Python."""

import re
from collections.abc import Callable
from functools import lru_cache

_NAMED_GROUP = re.compile(r"\(\?<(?=[A-Za-z_])")
_END = re.compile(r"(?<!\\)((?:\\\\)*)\\z")


class RegexError(ValueError):
    """A regular expression that cannot be read."""


def for_python(expression: str) -> str:
    """Return the expression as Python spells it: `(?<name>` and `\\z` are other languages' words."""
    return _END.sub(r"\1\\Z", _NAMED_GROUP.sub("(?P<", expression))


@lru_cache(maxsize=2048)
def full_match(expression: str) -> Callable[[str], bool]:
    """Return the check whether a whole text matches, as the cases of the Pact specification want it.

    What Python cannot read, such as `\\p{L}`, is tried with the Rust engine. Raises RegexError.
    """
    try:
        found = re.compile(for_python(expression))
    except re.error as error:
        return _rust_full_match(expression, error)
    return lambda text: found.fullmatch(text) is not None


def _rust_full_match(expression: str, reason: re.error) -> Callable[[str], bool]:
    import jsonschema_rs  # noqa: PLC0415 - slow to load, and few contracts need it

    try:
        validator = jsonschema_rs.validator_for({"pattern": f"^(?:{expression})$"})
    except ValueError as error:
        raise RegexError(f"the regular expression /{expression}/ cannot be read ({reason})") from error
    return validator.is_valid
