"""What is known of the source's pacts, kept between two runs so that they are not downloaded again.

It is only a memory: without it, an import reads more, and comes to the same end.
"""

import hashlib
import json
import os
from dataclasses import asdict
from pathlib import Path

from tally.values import dataclass


@dataclass(frozen=True)
class Note:
    """When a pact was published, its hash in the source, and the one that the target computes."""

    created_at: str
    sha: str
    own_sha: str


def folder(source: str, target: str) -> Path:
    """Return where the notes about these two brokers are, by the rules of the XDG base directories."""
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home) / "tallystick" / "imports" / _name(source, target)


class Notes:
    """The notes about the pacts of one pair, by the number of the consumer version; one line for each.

    A line that was cut off by the end of the process counts as not written.
    """

    def __init__(self, folder: Path, consumer: str, provider: str) -> None:
        self._path = folder / f"{_name(consumer, provider)}.jsonl"
        self._found: dict[str, Note] = {}
        for line in self._path.read_text("utf-8").splitlines() if self._path.exists() else ():
            try:
                entry = json.loads(line)
                number = entry.pop("version")
                self._found[number] = Note(**entry)
            except (ValueError, TypeError, KeyError, AttributeError):
                continue

    def find(self, version: str, created_at: str) -> Note | None:
        """Return the note about this publication; an overwritten pact has another date, and no note yet."""
        note = self._found.get(version)
        return note if note is not None and note.created_at == created_at else None

    def add(self, version: str, note: Note) -> None:
        """Write a note, for this run and the next."""
        self._found[version] = note
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            # The line before may have been cut off.
            file.write("\n" + json.dumps({"version": version, **asdict(note)}) + "\n")


def _name(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
