"""The segments of paths and of templates of paths ("/files/{name}.json")."""

import re
from functools import lru_cache
from urllib.parse import unquote

from tally.values import dataclass

REST = "**"
"""Stands at the end of a template for everything that may follow."""
_PARAMETER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Segment:
    """One segment of a template: literal texts, and between each two of them a parameter."""

    literals: tuple[str, ...]
    names: tuple[str, ...] = ()

    @property
    def is_static(self) -> bool:
        """Whether there is no parameter in it."""
        return not self.names

    @property
    def rank(self) -> tuple[int, int]:
        """What segments with parameters are sorted by: those that say more come first."""
        return -sum(map(len, self.literals)), len(self.names)

    @property
    def in_lower_case(self) -> "Segment":
        """The same for texts in lower case."""
        return Segment(tuple(literal.lower() for literal in self.literals), self.names)

    def values(self, text: str) -> tuple[str, ...] | None:
        """Return what *text* has for the parameters, none of them empty; None when it is another segment.

        Each parameter is as short as it can be, so that this takes one pass.
        """
        spans = self.spans(text)
        return None if spans is None else tuple(text[start:end] for start, end in spans)

    def spans(self, text: str) -> list[tuple[int, int]] | None:
        """Return where the values begin and end."""
        first, *others = self.literals
        if not text.startswith(first):
            return None
        found = []
        at = len(first)
        for number, literal in enumerate(others, start=1):
            is_last = number == len(others)
            end = len(text) - len(literal) if is_last else text.find(literal, at + 1)
            if end <= at or not text.startswith(literal, end):
                return None
            found.append((at, end))
            at = end + len(literal)
        return found if at == len(text) else None


def segment_of(written: str) -> Segment:
    """Return a segment of a template as it is written; "*" is a parameter without a name."""
    if written == "*":
        return Segment(("", ""), ("*",))
    parts = _PARAMETER.split(written)
    return Segment(tuple(unquote(part) for part in parts[::2]), tuple(parts[1::2]))


@lru_cache(maxsize=4096)
def template_segments(template: str) -> tuple[Segment, ...]:
    """Return the segments of a template; a slash at its end makes an empty last one."""
    return tuple(map(segment_of, template.removeprefix("/").split("/")))


def path_segments(path: str) -> tuple[str, ...]:
    """Return the segments of a path, percent-decoded, so that "%2F" does not divide."""
    segments = path.removeprefix("/").split("/")
    return tuple(map(unquote, segments)) if "%" in path else tuple(segments)
