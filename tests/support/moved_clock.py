"""Programs whose clock a test moves while they run, by the library of faketime."""

from collections.abc import Iterator
from pathlib import Path

from support.prerequisites import MissingPrerequisiteError

LIBRARIES = (
    "/usr/lib/*/faketime/libfaketimeMT.so.1",  # Debian, Ubuntu
    "/usr/lib*/faketime/libfaketimeMT.so.1",  # others
)
ADVICE = """The library of faketime was not found. Install it:
  Debian, Ubuntu:  sudo apt-get install faketime"""


class MovedClock:
    """The clock of programs that are started with *environment*; it is right until it is moved."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.move(0)
        self.environment = {
            "LD_PRELOAD": str(_library()),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }

    def move(self, hours: float) -> None:
        """Let the clock be so many hours fast, from now on; slow if that is less than 0."""
        # In one step: a program may read the file at any moment.
        new = self._file.with_suffix(".new")
        new.write_text(f"{hours * 3600:+.0f}\n")
        new.replace(self._file)


def _library() -> Path:
    """Return the library. Raises MissingPrerequisiteError."""
    for found in _candidates():
        return found
    raise MissingPrerequisiteError(ADVICE)


def _candidates() -> Iterator[Path]:
    for pattern in LIBRARIES:
        yield from sorted(Path("/").glob(pattern[1:]))
