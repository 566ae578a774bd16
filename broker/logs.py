"""The log of the programs, on standard error: lines for people, or JSON."""

import logging
import time
from datetime import UTC, datetime

import orjson

from broker.settings import Settings

SECONDS_BETWEEN = 60


def configure_logging(settings: Settings) -> None:
    """Log as the settings say. Call it once, at the start."""
    handler = logging.StreamHandler()
    handler.setFormatter(
        JsonFormatter()
        if settings.log_format == "json"
        else logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    )
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler])


class JsonFormatter(logging.Formatter):
    """One JSON object a line: timestamp (UTC), level, logger, message, and the exception if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


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
