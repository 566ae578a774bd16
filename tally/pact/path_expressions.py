"""Path expressions, such as `$.items[*]['unit price']`, as tuples of tokens."""

import re
from enum import Enum
from functools import lru_cache


class Wildcard(Enum):
    """A step that stands for many: any property or index, or any index only."""

    ANY = ".*"
    ANY_INDEX = "[*]"

    # As keys of dictionaries they are looked up for every value of a body; Enum's own hash is slow.
    __hash__ = object.__hash__


Token = str | int | Wildcard
"""One step of a path: a property name, an index, or a wildcard."""

_TOKEN = re.compile(
    r"""\.(?P<any>\*)(?=$|[.\[])
      | \.(?P<name>[^.\[\]]+)
      | \[(?P<index>\d+)\]
      | \[(?P<any_index>\*)\]
      | \[(?P<quote>['"])(?P<quoted>.*?)(?P=quote)\]
    """,
    re.VERBOSE,
)
_PLAIN_NAME = re.compile(r"[^\W\d]\w*")


class PathSyntaxError(ValueError):
    """Not a path expression; the text says where it stops being one."""


@lru_cache(maxsize=4096)
def parse_path(expression: str) -> tuple[Token, ...]:
    """Return the tokens after the root: "$.a[0].*" is ("a", 0, Wildcard.ANY).

    The dot form and the bracket form may be mixed. Raises PathSyntaxError.
    """
    if not expression.startswith("$"):
        raise PathSyntaxError(f'"{expression}" does not start with "$"')
    tokens: list[Token] = []
    position = 1
    while position < len(expression):
        found = _TOKEN.match(expression, position)
        if found is None:
            raise PathSyntaxError(f'"{expression}" cannot be read from "{expression[position:]}" on')
        tokens.append(_token(found))
        position = found.end()
    return tuple(tokens)


def _token(found: re.Match[str]) -> Token:
    if found["index"] is not None:
        return int(found["index"])
    if found["any"] or found["any_index"]:
        return Wildcard.ANY if found["any"] else Wildcard.ANY_INDEX
    return found["name"] or found["quoted"] or ""


def format_path(tokens: tuple[Token, ...]) -> str:
    """Return the expression for *tokens*: ("a", 0, "unit price") is "$.a[0]['unit price']"."""
    return "$" + "".join(map(format_token, tokens))


def format_token(token: Token) -> str:
    """Return one step of an expression: ".name", "[0]" or "['any name']"."""
    if isinstance(token, int):
        return f"[{token}]"
    if isinstance(token, Wildcard):
        return token.value
    if _PLAIN_NAME.fullmatch(token):
        return f".{token}"
    quote = '"' if "'" in token else "'"
    return f"[{quote}{token}{quote}]"
