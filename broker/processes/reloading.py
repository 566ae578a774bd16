"""New settings for a running process, when SIGHUP asks for them."""

import logging
import queue
import signal
import sys
from collections.abc import Callable
from dataclasses import fields, replace
from threading import Thread

from broker.settings.settings import InvalidSettingError, Settings, is_reloaded
from tally.values import dataclass

logger = logging.getLogger("broker")


class HangUps:
    """The SIGHUPs that came, and what has not been done about them. Windows has none.

    That of a terminal which is closed ends the process, as SIGTERM does, unless `nohup` started it.
    """

    def __init__(self) -> None:
        self._asked: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._has_terminal = _has_terminal()
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, self._note)

    def _note(self, *_: object) -> None:
        if self._has_terminal and not _has_terminal():
            signal.raise_signal(signal.SIGTERM)
        else:
            self._asked.put(None)  # which may be done in the handler of a signal

    def wait(self) -> None:
        """Wait for the next one. Those that have come since the last time are one."""
        self._asked.get()
        self.were_there()

    def were_there(self) -> bool:
        """Return whether there was one since the last time."""
        count = 0
        while True:
            try:
                self._asked.get_nowait()
            except queue.Empty:
                return count > 0
            count += 1


def _has_terminal() -> bool:
    return sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty()


class Reloading:
    """Reads settings anew: all of them are taken, or none. *read* raises InvalidSettingError."""

    def __init__(self, hang_ups: HangUps, read: Callable[[Settings], Settings], settings: Settings) -> None:
        self._hang_ups = hang_ups
        self._read = read
        self.settings = settings
        """Those in force."""

    def begin(self, use: Callable[[Settings], None]) -> None:
        """Have *use* called with new settings, in a thread, as long as the process lives."""
        Thread(target=self._run, args=(use,), name="settings", daemon=True).start()

    def _run(self, use: Callable[[Settings], None]) -> None:
        while True:
            self._hang_ups.wait()
            self._reload(use)

    def reload_if_asked(self, use: Callable[[Settings], None]) -> None:
        """Call *use* with new settings, if there were SIGHUPs since the last time."""
        if self._hang_ups.were_there():
            self._reload(use)

    def _reload(self, use: Callable[[Settings], None]) -> None:
        try:
            change = changed(self.settings, self._read(self.settings))
            if change.taken:
                use(change.settings)
        except InvalidSettingError as error:
            logger.error("SIGHUP: the settings stay as they are: %s", error)  # noqa: TRY400 - its text says all
        except Exception:
            logger.exception("SIGHUP: the settings stay as they are")
        else:
            self.settings = change.settings
            _tell(change)


@dataclass(frozen=True)
class Change:
    """The settings from now on; the variables of those that are new, and of those that need a restart."""

    settings: Settings
    taken: tuple[str, ...]
    waiting: tuple[str, ...]


def changed(old: Settings, new: Settings) -> Change:
    """Return *old* with what of *new* a running process can take."""
    differing = [item for item in fields(Settings) if getattr(old, item.name) != getattr(new, item.name)]
    taken = [item.name for item in differing if is_reloaded(item)]
    return Change(
        replace(old, **{name: getattr(new, name) for name in taken}),
        tuple(f"TALLY_{name.upper()}" for name in taken),
        tuple(f"TALLY_{item.name.upper()}" for item in differing if item.name not in taken),
    )


def _tell(change: Change) -> None:
    """Say what has changed, by names alone: values may be secrets."""
    said = []
    if change.taken:
        said.append(f"new values are in force of {', '.join(change.taken)}")
    if change.waiting:
        said.append(f"new values wait for a restart of {', '.join(change.waiting)}")
    level = logging.WARNING if change.waiting else logging.INFO
    logger.log(level, "SIGHUP: %s.", "; ".join(said) or "no setting has changed")
