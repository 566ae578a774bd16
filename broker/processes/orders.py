"""What the first process of a broker tells the others: new settings, and to hurry while they stop."""

import logging
import os
import queue
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from threading import Thread

from broker.settings.settings import Settings

logger = logging.getLogger("broker")
_HURRY, _CLOSE = "hurry", "close"
Orders = Connection


class OrdersTo:
    """Sends orders to one process, in a thread: one that is stopped reads none, and would hold up others."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._waiting: queue.SimpleQueue[Settings | str] = queue.SimpleQueue()
        Thread(target=self._send, name="orders", daemon=True).start()

    def use(self, settings: Settings) -> None:
        """Have the process work as these settings say."""
        self._waiting.put(settings)

    def hurry(self) -> None:
        """Have it wait no longer while it stops. May be called in the handler of a signal."""
        self._waiting.put(_HURRY)

    def close(self) -> None:
        """Send nothing more: the process has ended."""
        self._waiting.put(_CLOSE)

    def _send(self) -> None:
        with suppress(OSError), self._orders:  # it has ended
            for order in iter(self._waiting.get, _CLOSE):
                self._orders.send(None if order == _HURRY else order)


def leave_signals_to_the_parent() -> None:
    """Do not act on what a terminal sends to all processes: the parent says what to do."""
    for name in ("SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)


def follow(orders: Orders, *, use: Callable[[Settings], None], hurry: Callable[[], None]) -> None:
    """Call *use* with new settings, and *hurry* when asked to, in a thread, as long as the parent lives."""
    Thread(target=_follow, args=(orders, use, hurry), name="orders", daemon=True).start()


def _follow(orders: Orders, use: Callable[[Settings], None], hurry: Callable[[], None]) -> None:
    while True:
        try:
            order = orders.recv()
        except (EOFError, OSError):
            return
        if order is None:
            hurry()
            continue
        try:
            use(order)
        except Exception:
            # All processes have the same settings: the one that starts in its place begins with the new ones.
            logger.exception("This process cannot take the new settings, and ends")
            os._exit(1)
