"""Collect what many tests record, in one process or several.

While the tests run, every interaction is one small file in a directory that the processes of the run share;
creating a file is atomic, so that no lock is needed. At the end of the run they become one file per pair.
"""

import json
import os
from dataclasses import dataclass, field, fields, replace
from hashlib import sha256
from itertools import count, groupby
from pathlib import Path

import orjson

from consumer_sdk.errors import DeclarationError
from consumer_sdk.pact_files.conflicts import refuse_conflict
from consumer_sdk.pact_files.recording import Recording
from tally import json_text
from tally.errors import UsageError

_AS_WRITTEN = orjson.OPT_PASSTHROUGH_SUBCLASS
_drafts = count()
_FORMAT = 2
"""Of the small files: versions of the package that write others must not share a directory."""


@dataclass(frozen=True)
class Recorded:
    """An interaction with every place that recorded it."""

    recording: Recording
    places: tuple[str, ...]
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Recordings:
    """What one run of the tests records, kept in *directory*, which all processes of the run share.

    *test* is the id that pytest gives the test that records. *made* is what this process has recorded.
    """

    directory: Path
    test: str | None = None
    made: set[str] = field(default_factory=set, compare=False, repr=False)

    def of_test(self, test: str) -> "Recordings":
        """Return the same recordings, for one test."""
        return replace(self, test=test)

    def add(self, recording: Recording) -> None:
        """Keep the recording; adding it again changes nothing.

        Raises ConflictError when the run has one with the same description and states, but other content.
        """
        __tracebackhide__ = True
        recording = replace(recording, test=self.test)
        text = _text({"format": _FORMAT, **_fields(recording)})
        try:
            target = self.directory / f"{recording.identity}.json"
            if not create(target, text):
                refuse_conflict(_read(target), recording)
                # Equal is not identical: which one is written must not depend on which came first.
                create(target.with_suffix(f".{sha256(text.encode()).hexdigest()[:16]}.json"), text)
        except UnicodeEncodeError as error:
            raise DeclarationError(
                f"{recording.name} has half of a surrogate pair in its text, which no file can hold."
            ) from error
        except OSError as error:
            raise UsageError(
                f"{recording.name} cannot be kept until the end of the run in {self.directory}: "
                f"{error.strerror}. Make room there, or set TMPDIR to another directory."
            ) from error
        self.made.add(recording.identity)

    def all(self) -> list[Recorded]:
        """Return what was recorded, in an order that does not depend on that of the tests."""
        texts = sorted(path.read_text(encoding="utf-8") for path in self.directory.glob("*.json"))
        found = sorted(map(_parsed, texts), key=lambda recording: recording.identity)
        groups = [list(group) for _, group in groupby(found, key=lambda recording: recording.identity)]
        return sorted(map(_joined, groups), key=lambda recorded: order(recorded.recording))

    def write(self, pact_dir: Path, *, merge: bool = False) -> dict[Path, int]:
        """Write one file per pair, and return how many interactions each has.

        A file that is there is replaced, or with *merge* added to. Raises a TallyError when a file cannot
        hold what was recorded, cannot be read, or cannot be written; then nothing is.
        """
        from consumer_sdk.pact_files.writing import Policy, write  # noqa: PLC0415 - it knows this module

        return {written.path: written.count for written in write(self, pact_dir, Policy(merge=merge))}


def order(recording: Recording) -> tuple[object, ...]:
    """Return the place of an interaction in its file."""
    return recording.pair, recording.name, recording.identity


def create(target: Path, text: str) -> bool:
    """Create the file with all of its text at once; return False when it exists already."""
    content = text.encode()
    draft = f"{target}.{os.getpid()}-{next(_drafts)}"
    descriptor = _opened(draft)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - it is open already
            file.write(content)
        os.link(draft, target)  # atomic, and unlike a rename it never replaces
    except FileExistsError:
        return False
    finally:
        os.unlink(draft)  # noqa: PTH108 - a Path would take longer than the rest
    return True


def _opened(draft: str) -> int:
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)  # of Windows
    try:
        return os.open(draft, flags, 0o600)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(draft), exist_ok=True)  # noqa: PTH103, PTH120 - ditto
        return os.open(draft, flags, 0o600)


def _joined(group: list[Recording]) -> Recorded:
    first = min(group, key=lambda recording: json_text.compact(recording.interaction))
    places = tuple(sorted({recording.place for recording in group}))
    tests = tuple(sorted({recording.test for recording in group if recording.test}))
    return Recorded(replace(first, source=places[0], test=None), places, tests)


def _text(values: dict[str, object]) -> str:
    try:
        return orjson.dumps(values, default=json_text.as_written, option=_AS_WRITTEN).decode()
    except TypeError:  # such as an integer of more than 64 bits
        return json_text.compact(values)


def _fields(recording: Recording) -> dict[str, object]:
    found = {each.name: getattr(recording, each.name) for each in fields(recording)}
    return {**found, "interaction": dict(recording.interaction)}


def _read(path: Path) -> Recording:
    return _parsed(path.read_text(encoding="utf-8"))


def _parsed(text: str) -> Recording:
    try:
        found = json_text.read(text)
        if found.pop("format") == _FORMAT:
            return Recording(**found)
    except (KeyError, TypeError, json.JSONDecodeError):
        pass  # it is written by another version
    raise UsageError(
        "The processes of this run have different versions of Tallystick: install the same everywhere."
    )
