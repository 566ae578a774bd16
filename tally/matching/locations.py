"""Where compared values are, for paths and for sentences."""

from tally.pact.path_expressions import format_path
from tally.values import dataclass


@dataclass(frozen=True)
class ValueLocation:
    """Where the compared values are: in the body, or in a named part, such as the header "Accept"."""

    kind: str = "body"
    name: str = ""
    textual: bool = False
    """Numbers and booleans are written as text here, as in headers and queries."""
    root: tuple[str | int, ...] = ()
    """The path in the body where the values begin."""

    def path(self, tokens: list[str | int]) -> str:
        """Return the `path` of a mismatch."""
        return format_path((*self.root, *tokens)) if self.kind == "body" else self.name

    def words(self, tokens: list[str | int]) -> str:
        """Return the place as the end of a sentence."""
        if self.kind == "body":
            return f"at {self.path(tokens)}"
        if not self.name:
            return f"as the {self.kind}"
        noun = {"query": "query parameter", "metadata": "metadata"}.get(self.kind, self.kind)
        which = f" (value {tokens[0] + 1})" if tokens and isinstance(tokens[0], int) and tokens[0] else ""
        return f'in the {noun} "{self.name}"{which}'


BODY = ValueLocation()
