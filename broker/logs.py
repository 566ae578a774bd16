"""The log of the programs, on standard error: lines for people, or one JSON object on each line.

In JSON that is so for everything that a program says: what else would be written for a person, warnings of
Python, and what nobody has caught.
"""

import io
import json
import logging
import re
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
import orjson

from broker.settings.settings import PREFIXES, Settings

if TYPE_CHECKING:
    from types import TracebackType

SECONDS_BETWEEN = 60
REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request that this thread answers, for the lines that it logs; "" for none."""
FIELDS = "fields"
"""The attribute of a record (`extra=`) with values by name: JSON has them too; text has nothing else."""
_LINE = "%(asctime)s %(levelname)s %(name)s %(message)s"
_SAID_AS = {logging.WARNING: "Warning: ", logging.ERROR: "Error: "}
# What ends a line somewhere, what moves the cursor of a terminal, what changes the direction of writing.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_CONTROL_BUT_LINES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_PLAIN = re.compile('[^ "=]+')
logger = logging.getLogger("broker")
_access = logging.getLogger("broker.access")


def begin_logging(environment: Mapping[str, str]) -> None:
    """Log in JSON if these variables say so, before the settings are read: they may be wrong."""
    names = [f"{prefix}LOG_FORMAT" for prefix in PREFIXES]
    named = [environment.get(f"{name}_ENVIRONMENT_VARIABLE_NAME", "") for name in names]
    given = (environment.get(name, "") for name in (*named, *names))
    if next(filter(None, given), "").lower() == "json":
        _write("json", "info")


def configure_logging(settings: Settings) -> None:
    """Log as the settings say, in this process."""
    _write(settings.log_format, settings.log_level)


def logging_its_end(settings: Settings, run: Callable[..., object], *arguments: object) -> None:
    """Run what a process of its own is for. In JSON, what nobody has caught is one line, not many."""
    configure_logging(settings)
    try:
        run(*arguments)
    except Exception as error:
        if not is_json():
            raise
        _uncaught(type(error), error, error.__traceback__)
        sys.exit(1)


def set_level(level: str) -> None:
    """Log from this level on: debug, info, warning or error."""
    logging.getLogger().setLevel(level.upper())


def is_json() -> bool:
    """Return whether the log of this process is JSON."""
    return any(isinstance(handler.formatter, JsonFormatter) for handler in logging.getLogger().handlers)


def tell(text: str, level: int = logging.INFO, *, err: bool = True, as_it_is: bool = False) -> None:
    """Say something to who has started the program: in JSON as a line of the log, otherwise in plain words.

    Of warnings and errors these begin with what they are, unless the text is written *as_it_is*.
    """
    if is_json():
        logger.log(level, "%s", text)
    else:
        click.echo(("" if as_it_is else _SAID_AS.get(level, "")) + text, err=err)


def escaped(text: str) -> str:
    """Return a text with which nobody can begin a new line of the log, or write to a terminal."""
    return _CONTROL.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode-escape", "surrogatepass").decode()


def _write(log_format: str, level: str) -> None:
    root = logging.getLogger()
    handler = next((found for found in root.handlers if isinstance(found, LogHandler)), None)
    if handler is None:
        if root.handlers:  # somebody else's, in whose program this runs
            return
        handler = LogHandler()
        root.addHandler(handler)
    set_level(level)
    _access.setLevel(logging.INFO)  # it has a switch of its own
    logging.getLogger("alembic").setLevel(logging.WARNING)
    if log_format == "json":
        handler.setFormatter(JsonFormatter())
        _log_what_nobody_caught()
        logging.captureWarnings(capture=True)
        if not isinstance(sys.stderr, LoggedLines):
            sys.stderr = LoggedLines()
    else:
        handler.setFormatter(TextFormatter(_LINE))


class LogHandler(logging.StreamHandler[Any]):
    """Writes to the standard error that the process began with; says in one line what cannot be written."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - its name in Python
        """Say that a line could not be written: a defect of who logs it."""
        if isinstance(self.formatter, JsonFormatter):
            args = (record.name, record.lineno, sys.exc_info()[1])
            text = "A line of %s (%s) cannot be written: %s"
            instead = logging.LogRecord("broker", logging.ERROR, record.pathname, 0, text, args, None)
            self.stream.write(self.formatter.format(instead) + self.terminator)
        else:
            super().handleError(record)


class TextFormatter(logging.Formatter):
    """A line for people. Control characters of the message are escaped; a traceback has lines of its own."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - its name in Python
        """Return the line without the traceback, and with the request that it is about."""
        fields: dict[str, object] | None = getattr(record, FIELDS, None)
        if fields is None:
            request_id = REQUEST_ID.get()
            is_new = request_id and request_id not in record.message
            record.message = escaped(record.message) + (f" (request {request_id})" if is_new else "")
        else:
            record.message = " ".join(f"{name}={_as_value(value)}" for name, value in fields.items())
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - its name in Python
        """Return the traceback."""
        return _CONTROL_BUT_LINES.sub(_escape, super().formatException(ei))


def _as_value(value: object) -> str:
    if value is None:
        return "-"
    text = escaped(str(value))
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: timestamp (UTC), level, logger, message, and exception if there is one.

    What is logged for a request has its request_id.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := REQUEST_ID.get():
            line["request_id"] = request_id
        line |= getattr(record, FIELDS, {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = record.stack_info
        return _as_json(line)


def _as_json(line: dict[str, Any]) -> str:
    """Return JSON on one line, whatever a reader takes for the end of one."""
    try:
        text = orjson.dumps(line, default=str).decode()
    except TypeError:  # half of a character, or a number beyond 64 bits
        return json.dumps(line, default=str)
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


class LoggedLines(io.TextIOBase):
    """Stands in for standard error: what is written to it, by whomever, is logged line by line."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self) -> None:
        super().__init__()
        self._begun = ""
        self._lock = threading.RLock()

    def write(self, text: str) -> int:
        """Log the lines that are whole."""
        with self._lock:
            *lines, self._begun = (self._begun + text).split("\n")
        for line in filter(str.strip, lines):
            logger.warning("%s", line)
        return len(text)

    def flush(self) -> None:
        """Do nothing: a line is logged when it is whole."""

    def fileno(self) -> int:
        """Return what programs that this one starts write to."""
        return sys.__stderr__.fileno() if sys.__stderr__ else 2


def _log_what_nobody_caught() -> None:
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread
    sys.unraisablehook = _unraisable


def _uncaught(kind: type[BaseException], error: BaseException, trace: "TracebackType | None") -> None:
    level = logging.INFO if issubclass(kind, KeyboardInterrupt) else logging.CRITICAL
    logger.log(level, "The program ends by an unexpected %s", kind.__name__, exc_info=(kind, error, trace))


def _uncaught_in_thread(crash: threading.ExceptHookArgs) -> None:
    name = crash.thread.name if crash.thread else "?"
    error = crash.exc_value or crash.exc_type()
    logger.critical("The thread %s ends by an unexpected %s", name, type(error).__name__, exc_info=error)


def _unraisable(found: Any) -> None:
    what = found.err_msg or "Exception ignored in"
    logger.error("%s %r", what, found.object, exc_info=found.exc_value)


class OnceAMinute:
    """What is logged once a minute however often it happens."""

    def __init__(self) -> None:
        self._last: dict[object, float] = {}

    def is_time(self, what: object) -> bool:
        """Return whether it is time to log this again, and take it as logged."""
        now = time.monotonic()
        is_time = what not in self._last or now - self._last[what] >= SECONDS_BETWEEN
        if is_time:
            self._last[what] = now
        return is_time
