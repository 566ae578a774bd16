"""The files of an export, each of which may have been changed by anybody."""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from tally.errors import InvalidContractError, UsageError
from tally.hashing import parse_exactly, parse_json
from tally.importing import shapes
from tally.importing.folder_names import folder_name

Document = dict[str, Any]
FORMAT, VERSION, HEAD = "tallystick-export", 1, "export.json"
HASH = re.compile(r"[0-9a-f]{1,64}")
RESULT = re.compile(r"[0-9a-f]{1,64}\.json")
LARGEST = 200_000_000
"""Bytes of a file: it is in memory as a whole."""
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")
_FILES_IN_MEMORY = 64


class ExportFolder:
    """A folder that `tally export` has finished.

    *counts* is how much of what it has, *missing* what the broker did not give.

    Raises UsageError when it is none; every method raises UnexpectedAnswerError for a file that is not as it
    is written, and InvalidContractError for one that is not JSON.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.counts, self.missing = _checked_head(path)
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

    def numbers(self, folder: str) -> list[str]:
        """Return the names of the files of a folder that are called by their numbers, in their order."""
        found = (each.stem for each in (self.path / folder).glob("*.json"))
        return sorted((name for name in found if _NUMBER.fullmatch(name)), key=int)

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
            return parse_exactly(_content(self.path, path))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise shapes.UnexpectedAnswerError(
                f"{path} cannot be read: {error.strerror or error}."
            ) from error
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


def _content(folder: Path, path: Path) -> bytes:
    """Return what is in a file of the folder. Raises OSError, also for a link that leads out of it."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:  # of a pipe: without waiting
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise OSError("it is no file")
        if about.st_size > LARGEST:
            raise OSError(f"it has {about.st_size} bytes, and an import takes {LARGEST} at most")
        if not path.resolve().is_relative_to(folder.resolve()):
            raise OSError("it is a link that leads out of the folder")
        return file.read()


def safe(pattern: re.Pattern[str], name: object) -> str:
    """Return a name that leads to no other folder. Raises UnexpectedAnswerError."""
    if not isinstance(name, str) or not pattern.fullmatch(name):
        raise shapes.UnexpectedAnswerError(f"An export has no file that is called {name!r}.")
    return name


def _checked_head(folder: Path) -> tuple[dict[str, int], list[str]]:
    try:
        head = parse_json(_content(folder, folder / HEAD))
        is_known = (head["format"], head["version"]) == (FORMAT, VERSION)
        is_complete = head["complete"]
        counts = {str(what): int(count) for what, count in head.get("counts", {}).items()}
        missing = [str(each) for each in head.get("missing", ())]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, InvalidContractError):
        raise UsageError(f"{folder} is no folder that tally export has written.") from None
    if not is_known:
        raise UsageError(f"{folder} was written by a newer release of Tallystick: use that, or a newer one.")
    if not is_complete:
        raise UsageError(f"{folder} is not whole: run tally export again until it ends well.")
    return counts, missing
