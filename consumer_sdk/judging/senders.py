"""Which line of the consumer's code sent a request: the innermost one that belongs to no library."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

_LIBRARIES = frozenset(
    """
    aiohappyeyeballs aiohttp anyio asgiref asyncio backoff boto3 botocore concurrent
    consumer_sdk contextlib eventlet functools gevent h11 h2 http httpcore httpcore2 httpx
    httpx2 importlib niquests pytest_asyncio queue requests requests_toolbelt retrying runpy
    s3transfer selectors sniffio socket ssl stamina tally tenacity threading trio urllib urllib3
    uvloop yarl
    """.split()  # noqa: SIM905 - one a line is fifty lines
)
"""Top-level packages whose frames stand between a line of the consumer's code and the wire."""
_RUNNERS = frozenset({"_pytest", "pluggy", "pytest", "unittest"})
"""Those that call a test: nothing beyond them belongs to it."""
_NOT_OF_THE_CODE = _LIBRARIES | _RUNNERS
_MOST_FRAMES = 400


Line = tuple[str, int, str]
"""File, number and function: made into text where a failure is shown, and not before."""


@dataclass(frozen=True)
class Sender:
    """The innermost line of the code that sent a request, and the outermost, mostly the test's."""

    innermost: Line
    outermost: Line

    @property
    def place(self) -> str:
        """The innermost line, without the function."""
        path, number, _ = self.innermost
        return f"{shown_path(path)}:{number}"

    @property
    def line(self) -> str:
        """The innermost line."""
        return f"{self.place} in {self.innermost[2]}"

    def __str__(self) -> str:
        """Return both, or one if they are the same."""
        if self.innermost == self.outermost:
            return self.line
        return f"{self.line}, called at {Sender(self.outermost, self.outermost)}"


def current_sender() -> Sender | None:
    """Return the line that is sending now in this thread."""
    return sender_of(sys._getframe(1))  # noqa: SLF001 - the documented way to one's caller


def sender_of(frame: FrameType | None) -> Sender | None:
    """Return the lines of the consumer's code in a stack; None when it has none."""
    lines: list[FrameType] = []
    for each in _stack(frame):
        if lines and _package(each) in _RUNNERS:
            break
        if not _is_library(each):
            lines.append(each)
    return Sender(_line(lines[0]), _line(lines[-1])) if lines else None


def is_sending(frame: FrameType | None) -> bool:
    """Whether a library runs at the end of the stack: it may be waiting for an answer."""
    return frame is not None and _is_library(frame)


def end_at_sender(error: BaseException) -> None:
    """Let the traceback of an error end at the last line of the consumer's own code; it has none without."""
    last, each = None, error.__traceback__
    while each is not None:
        last = each if not _is_library(each.tb_frame) else last
        each = each.tb_next
    if last is None:
        error.__traceback__ = None
    else:
        last.tb_next = None


def _stack(frame: FrameType | None) -> Iterator[FrameType]:
    for _ in range(_MOST_FRAMES):
        if frame is None:
            return
        yield frame
        frame = frame.f_back


def _is_library(frame: FrameType) -> bool:
    return _package(frame) in _NOT_OF_THE_CODE or frame.f_code.co_filename.startswith("<")


def _package(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__") or "").partition(".")[0]


def _line(frame: FrameType) -> Line:
    return frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name


def shown_path(name: str) -> str:
    """Return the name of a file from the current directory on, when it is below it."""
    path = Path(name)
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)
