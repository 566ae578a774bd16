"""Statements of SQL, for who measures them: what was executed, without values, and how long it took."""

import re
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, ExceptionContext, event

from tally.values import dataclass

_BEGAN = "tally_statements_began"
_TABLE = re.compile(r"\b(?:FROM|INTO|UPDATE)\s+\"?(\w+)", re.IGNORECASE)


@dataclass(frozen=True)
class Statement:
    """A statement that was executed; *began* and *ended* are in ns since 1970."""

    system: str
    text: str
    began: int
    ended: int
    error: BaseException | None = None

    @property
    def operation(self) -> str:
        """The word that it begins with."""
        return self.text.split(maxsplit=1)[0].upper() if self.text.strip() else ""

    @property
    def table(self) -> str:
        """The first table that it names, "" where it names none."""
        found = _TABLE.search(self.text)
        return found[1] if found else ""


def watch(engine: Engine, executed: Callable[[Statement], None]) -> None:
    """Call *executed* after each statement of the engine, in its thread. It must not raise."""
    system = "sqlite" if engine.dialect.name == "sqlite" else "postgresql"

    def begin(connection: Any, _cursor: object, _statement: str, *_: object) -> None:
        connection.info.setdefault(_BEGAN, []).append(time.time_ns())

    def end(connection: Any, _cursor: object, statement: str, *_: object) -> None:
        executed(Statement(system, statement, connection.info[_BEGAN].pop(), time.time_ns()))

    def fail(failure: ExceptionContext) -> None:
        if failure.connection is None or not failure.statement:
            return
        began = failure.connection.info.get(_BEGAN)
        ended = time.time_ns()
        # One that has waited for the next was told of before it was sent.
        error = failure.original_exception
        executed(Statement(system, failure.statement, began.pop() if began else ended, ended, error))

    event.listen(engine, "before_cursor_execute", begin)
    event.listen(engine, "after_cursor_execute", end)
    event.listen(engine, "handle_error", fail)
