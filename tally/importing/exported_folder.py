"""The files of an export, each of which may have been changed by anybody."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from tally.errors import InvalidContractError, UsageError
from tally.hashing import parse_exactly
from tally.importing import shapes
from tally.importing.folder_names import folder_name

Document = dict[str, Any]
FORMAT, VERSION, HEAD = "tallystick-export", 1, "export.json"
HASH = re.compile(r"[0-9a-f]{1,64}")
RESULT = re.compile(r"[0-9a-f]{1,64}\.json")
_FILES_IN_MEMORY = 64


class ExportFolder:
    """A folder that `tally export` has finished; *counts* is how much of what it has.

    Raises UsageError when it is none; every method raises UnexpectedAnswerError for a file that is not as it
    is written, and InvalidContractError for one that is not JSON.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.counts = _checked_head(path)
        self.find = lru_cache(_FILES_IN_MEMORY)(self._parse)

    def of(self, pacticipant: str, what: str) -> list[Document]:
        """Return a list of an application; [] when it has none."""
        return self.items(f"pacticipants/{folder_name(pacticipant)}/{what}.json")

    def items(self, name: str) -> list[Document]:
        """Return a list; [] when there is none."""
        found = self.find(name)
        if found is None:
            return []
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            raise shapes.UnexpectedAnswerError(f"{self.path / name} is no list of objects.")
        return found

    def large(self, name: str) -> Any:
        """Return what a file has that is asked for once."""
        return self._present(name, self._parse(name))

    def file(self, name: str) -> Any:
        """Return what a file has that must be there."""
        return self._present(name, self.find(name))

    def _present(self, name: str, found: Any) -> Any:
        if found is None:
            raise shapes.UnexpectedAnswerError(f"{self.path / name} is missing.")
        return found

    def _parse(self, name: str) -> Any:
        path = self.path / name
        try:
            return parse_exactly(path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise shapes.UnexpectedAnswerError(f"{path} cannot be read: {error.strerror}.") from error
        except InvalidContractError as error:
            raise InvalidContractError(f"{path}: {error}") from error

    @contextmanager
    def as_written(self) -> Iterator[None]:
        """Say of what is not as `tally export` writes it that it is the folder's fault."""
        try:
            yield
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise shapes.UnexpectedAnswerError(
                f"{self.path} is not as tally export writes it: {type(error).__name__} {error}."
            ) from error


def safe(pattern: re.Pattern[str], name: object) -> str:
    """Return a name that leads to no other folder. Raises UnexpectedAnswerError."""
    if not isinstance(name, str) or not pattern.fullmatch(name):
        raise shapes.UnexpectedAnswerError(f"An export has no file that is called {name!r}.")
    return name


def _checked_head(folder: Path) -> dict[str, int]:
    try:
        head = json.loads((folder / HEAD).read_bytes())
        is_known = (head["format"], head["version"]) == (FORMAT, VERSION)
        is_complete, counts = head["complete"], head.get("counts", {})
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError(f"{folder} is no folder that tally export has written.") from None
    if not is_known:
        raise UsageError(f"{folder} was written by a newer release of Tallystick: use that, or a newer one.")
    if not is_complete:
        raise UsageError(f"{folder} is not whole: run tally export again until it ends well.")
    return {str(what): int(count) for what, count in counts.items()}
