"""Where a declared value is, for messages; the words are made when they are needed."""

from typing import NamedTuple

from tally.pact.path_expressions import Token, format_path, format_token

Path = tuple[Token, ...]


class Place(NamedTuple):
    """A path in a body, or the name of a header, a query value or metadata, with steps below it."""

    path: Path
    category: str = ""

    def __str__(self) -> str:
        """Return "body $.id", "header Accept", "path"; without a category, "$.id"."""
        if self.category in {"", "body"}:
            return f"{self.category} {format_path(self.path)}".lstrip()
        return f"{self.category} {name_of(self.path)}" if self.path else self.category


def name_of(path: Path) -> str:
    """Return a name, and which of its values it is: "tag[1]"."""
    return str(path[0]) + "".join(map(format_token, path[1:]))
