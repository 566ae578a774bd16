"""Rules for texts such as names."""

import re
from collections.abc import Sized

_CONTROL = re.compile(
    r"[\x01-\x1f\x7f]"
)  # no URL may have it, so that a thing of that name would have no address


def too_long(text: str, limit: int | None) -> str | None:
    """Return what is wrong with a text of more than *limit* characters; None is no limit."""
    if limit is None or len(text) <= limit:
        return None
    return f"cannot be longer than {limit} characters (it has {len(text)})"


def too_many(items: Sized, limit: int) -> str | None:
    """Return what is wrong with a list of more than *limit* items."""
    return None if len(items) <= limit else f"cannot have more than {limit} items (it has {len(items)})"


def broken_rule(  # noqa: PLR0913 - each is a rule of its own
    text: str, *, limit: int | None, required: bool, blank: bool, lines: bool, spaces: bool
) -> str | None:
    """Return what is wrong with a text, or None.

    *required* texts have a character at least. *blank*, *lines* and *spaces* say whether a text may be blank,
    have several lines, or have spaces. No text may have U+0000, which PostgreSQL cannot store.
    """
    if (message := too_long(text, limit)) is not None:  # first: the others look at each character
        return message
    rules = (
        (required and not text, "must be filled"),
        (not blank and not text.strip(), "cannot be blank"),
        (not lines and "\n" in text, "cannot contain multiple lines"),
        (not spaces and " " in text, "cannot contain spaces"),
        ("\0" in text, "cannot contain the character U+0000"),
        (not lines and _CONTROL.search(text) is not None, "cannot contain a tab or a control character"),
    )
    return next((message for is_broken, message in rules if is_broken), None)
