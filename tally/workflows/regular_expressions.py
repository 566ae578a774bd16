"""Regular expressions over what services answer: one that takes too long is given up."""

from functools import lru_cache
from typing import TYPE_CHECKING

from tally.errors import InvalidContractError
from tally.matching.regex_dialects import DialectError, translated

if TYPE_CHECKING:
    import regex

# The library looks at the time so rarely that it takes up to five times as long.
_MOST_SECONDS = 0.2


class SlowExpressionError(Exception):
    """A regular expression that took too long."""


@lru_cache(maxsize=512)
def compiled(expression: str) -> "regex.Pattern[str]":
    """Return the expression, compiled; raises InvalidContractError without a place."""
    import regex  # noqa: PLC0415 - slow to import, and few workflows need it

    try:
        return regex.compile(translated(expression), regex.V1)
    except (DialectError, regex.error, OverflowError, RecursionError) as error:
        reason = f"the regular expression {expression!r} cannot be read ({error})"
        raise InvalidContractError(reason) from error


def matches(expression: str, text: str, *, whole: bool = False) -> bool:
    """Whether *expression* is found in *text*; *whole*: whether it is all of it.

    False for one that cannot be read. Raises SlowExpressionError after about a second.
    """
    try:
        pattern = compiled(expression)
        found = (pattern.fullmatch if whole else pattern.search)(text, timeout=_MOST_SECONDS)
    except InvalidContractError:
        return False
    except TimeoutError as error:
        raise SlowExpressionError(
            f"the regular expression {expression!r} takes too long on this text: write one without nested "
            "repetitions"
        ) from error
    return found is not None
