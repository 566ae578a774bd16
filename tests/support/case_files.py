"""Tables of cases that people write: a title, and below it, indented, lines that begin with a verb."""

from collections.abc import Iterator
from pathlib import Path

Block = tuple[str, list[tuple[str, str]]]


def blocks(file: Path) -> Iterator[Block]:
    """Yield each title with the verbs below it, and what follows each; the head is for the reader."""
    _, _, text = file.read_text(encoding="utf-8").partition("\n---")
    title, lines = "", []
    for line in text.splitlines():
        if not line.strip() or line.startswith("-"):
            continue
        if line.startswith(" "):
            verb, _, rest = line.strip().partition(" ")
            lines.append((verb, rest.strip()))
            continue
        yield title, lines
        title, lines = line, []
    yield title, lines
