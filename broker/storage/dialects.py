"""What one database needs to be told otherwise than the other, in a form that serves both."""

from typing import Any, Self

import orjson
from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Dialect,
    String,
    TypeDecorator,
    bindparam,
    literal_column,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

ONE: ColumnElement[int] = literal_column("1")
"""The first row of several, for `limit`, in a form by which PostgreSQL knows that it is only one.

`limit(1)` makes a parameter of the number: a plan that is kept for all its values would expect a tenth of all
rows. PostgreSQL would rather plan anew each time, or sort what an index has in order.
"""
AS_BYTES = {"binary_results": True}
"""The execution option of statements that select a large text: PostgreSQL sends it as bytes.

As hexadecimal digits, which are usual, it would be twice as long.
"""


class _Many(TypeDecorator[list[Any]]):
    """A list: an array of PostgreSQL, JSON for SQLite."""

    impl = String
    cache_ok = True

    def __init__(self, item: type[TypeEngine[Any]]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type that the database knows."""
        return dialect.type_descriptor(ARRAY(self.item) if dialect.name == "postgresql" else String())

    def process_bind_param(self, value: list[Any] | None, dialect: Dialect) -> Any:
        """Return what the driver is given."""
        return value if dialect.name == "postgresql" else orjson.dumps(value).decode()


class _Among(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True
    name = "among"

    def self_group(self, against: Any = None) -> Self:  # noqa: ARG002 - SQLAlchemy's
        """Stay as it is: `… = 1`, which SQLite would get, hides the column from its indexes."""
        return self


def among(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Return whether *column* is among the values of the parameter *name*: a list of any length.

    It stays one statement. With a parameter for each value, as `in_` has them, every number of values is
    another statement, which the driver cannot keep prepared and the database plans anew.
    """
    item = String if isinstance(column.type, String) else BigInteger
    return _Among(column, bindparam(name, type_=_Many(item)))


@compiles(_Among, "postgresql")
def _array(element: _Among, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{column} = ANY ({values})"


@compiles(_Among, "sqlite")
def _json(element: _Among, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - of a column and a parameter


def choose_format(*of_statement: Any) -> None:
    """Ask PostgreSQL for bytes when the option of the statement says so."""
    from psycopg.pq import Format  # noqa: PLC0415 - it takes long, and is not there for SQLite

    _connection, cursor, _statement, _values, context, _many = of_statement
    if context.execution_options.get("binary_results"):
        cursor.format = Format.BINARY
