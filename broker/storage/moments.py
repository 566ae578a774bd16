"""Moments by the clock of the database: what several processes agree on, whatever their own clocks say.

What is due, and until when somebody has it, is told and compared by this clock alone. SQLite has that of its
machine.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Float, bindparam, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from broker.storage.tables import UtcDateTime


class _After(FunctionElement[datetime]):
    type = UtcDateTime()
    inherit_cache = True
    name = "after"


def in_seconds(name: str) -> ColumnElement[datetime]:
    """Return the moment that comes as many seconds from now as the parameter *name* says; null for null."""
    return _After(bindparam(name, type_=Float))


NOW: ColumnElement[datetime] = _After(literal_column("0"))
"""The moment of the statement: not as old as the transaction may be, and an index can be used for it."""


@compiles(_After, "postgresql")
def _of_postgresql(element: _After, compiler: SQLCompiler, **kw: object) -> str:
    seconds = compiler.process(element.clauses, **kw)
    return f"(statement_timestamp() + make_interval(secs => {seconds}))"


@compiles(_After, "sqlite")
def _of_sqlite(element: _After, compiler: SQLCompiler, **kw: object) -> str:
    seconds = compiler.process(element.clauses, **kw)
    # As SQLAlchemy writes moments, so that they can be compared: six digits.
    return f"(strftime('%Y-%m-%d %H:%M:%f', 'now', {seconds} || ' seconds') || '000')"
