"""The folder of an export: files that appear whole, and what says how far it is."""

import json
import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import orjson

from tally.errors import InvalidContractError, UsageError
from tally.hashing import parse_exactly
from tally.importing.exported_folder import FORMAT, HEAD, VERSION
from tally.json_text import as_written

_BEGUN = ".begun"


class Folder:
    """A folder that an export is written to.

    Raises UsageError when it holds something else, or a finished export; OSError.
    """

    def __init__(self, path: Path, source: str) -> None:
        self.path = path
        self._source = source
        path.mkdir(parents=True, exist_ok=True)
        if any(path.iterdir()):
            self._check()
        self.write(HEAD, self._head())

    def finish(self, counts: dict[str, int], missing: Sequence[str]) -> None:
        """Say that all is there that the broker has given, and what it has not given."""
        lacking = {"missing": list(missing)} if missing else {}
        self.write(HEAD, {**self._head(), "complete": True, "counts": counts, **lacking})

    @contextmanager
    def lines(self, name: str) -> Iterator[IO[bytes]]:
        """Yield a file for lines of JSON, which has its name when the block ends well, unless it is empty.

        Only its owner may read it: it says who did what.
        """
        begun = self.path / (name + _BEGUN)
        begun.unlink(missing_ok=True)
        handle = os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
                is_empty = not file.tell()
            if not is_empty:
                begun.replace(self.path / name)
        finally:
            begun.unlink(missing_ok=True)

    def write(self, name: str, content: object) -> None:
        """Write a file of JSON; it has its name when it is whole."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        begun = path.with_name(path.name + _BEGUN)
        layout = orjson.OPT_INDENT_2 | orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_APPEND_NEWLINE
        begun.write_bytes(orjson.dumps(content, default=as_written, option=layout))
        begun.replace(path)

    def read(self, name: str) -> Any:
        """Return what such a file has; None when there is none, or it cannot be read."""
        try:
            return parse_exactly((self.path / name).read_bytes())
        except (OSError, InvalidContractError):
            return None

    def has(self, name: str) -> bool:
        """Return whether there is such a file."""
        return (self.path / name).exists()

    def count(self, folder: str) -> int:
        """Return how many files a folder has."""
        return sum(1 for _ in (self.path / folder).glob("*.json"))

    def keep_only(self, folder: str, names: Collection[str]) -> None:
        """Remove the files of a folder that an earlier try has left, and that are no longer needed."""
        path = self.path / folder
        if path.exists():
            for each in path.iterdir():
                if each.name not in names:
                    each.unlink()

    def _head(self) -> dict[str, Any]:
        return {"format": FORMAT, "version": VERSION, "complete": False, "source": self._source}

    def _check(self) -> None:
        try:
            head = json.loads((self.path / HEAD).read_bytes())
            found = head.get("format"), head.get("source"), head.get("complete")
        except (OSError, ValueError, AttributeError):
            raise UsageError(f"{self.path} is not empty, and no export: name a new folder.") from None
        if found != (FORMAT, self._source, False):
            raise UsageError(
                f"{self.path} has a finished export, or that of another broker: name a new folder."
            )
