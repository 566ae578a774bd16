"""Path expressions, such as `$.items[*]['unit price']`, as tuples of tokens."""

import re
from functools import lru_cache

Token = str | int
"""A property name, an index, or "*" (see *ANY*)."""

ANY = "*"

_TOKEN = re.compile(
    r"""\.(?P<name>[^.\[\]]+)
      | \[(?P<index>\d+)\]
      | \[(?P<any>\*)\]
      | \[(?P<quote>['"])(?P<quoted>.*?)(?P=quote)\]
    """,
    re.VERBOSE,
)
_PLAIN_NAME = re.compile(r"[^\W\d]\w*")


class PathSyntaxError(ValueError):
    """Not a path expression; the text says where it stops being one."""


@lru_cache(maxsize=4096)
def parse_path(expression: str) -> tuple[Token, ...]:
    """Return the tokens after the root: "$.a[0].*" is ("a", 0, "*").

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
    return str(found["name"] or found["any"] or found["quoted"])


def format_path(tokens: tuple[Token, ...]) -> str:
    """Return the expression for *tokens*: ("a", 0, "unit price") is "$.a[0]['unit price']"."""
    return "$" + "".join(map(format_token, tokens))


def format_token(token: Token) -> str:
    """Return one step of an expression: ".name", "[0]" or "['any name']"."""
    if isinstance(token, int):
        return f"[{token}]"
    if token == ANY or _PLAIN_NAME.fullmatch(token):
        return f".{token}"
    return f"['{token}']"
