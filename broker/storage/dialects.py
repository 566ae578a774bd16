"""What SQLite and PostgreSQL spell differently, as one expression or type for both."""

from collections.abc import Sequence
from typing import Any, Self

import orjson
from sqlalchemy import (
    BigInteger,
    BindParameter,
    Boolean,
    ColumnElement,
    DateTime,
    Dialect,
    Integer,
    LargeBinary,
    String,
    Table,
    TypeDecorator,
    bindparam,
    literal_column,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine


def constant(number: int) -> ColumnElement[int]:
    """Return the number for `limit`, or where else a statement always has the same.

    `limit(1)` would send it as a parameter. PostgreSQL plans a statement once for all values of its
    parameters, and would expect a tenth of all rows: it would plan each time anew, or sort rows that an index
    has in order.
    """
    return literal_column(str(number), Integer)


ONE = constant(1)
"""For `limit`: only the first row."""
AS_BYTES = {"binary_results": True}
"""The execution option of statements that select a large text: PostgreSQL sends it as bytes.

Without it, PostgreSQL sends hexadecimal digits, which are twice as long.
"""


def is_always_serializable(dialect: Dialect) -> bool:
    """Whether each transaction is committed only if it might have run alone: SQLite lets one write at a time.

    PostgreSQL, and what is compatible with it, says so as the default of its sessions.
    """
    return dialect.name == "sqlite" or getattr(dialect, "default_isolation_level", "") == "SERIALIZABLE"


class _ListParameter(TypeDecorator[list[Any]]):
    """A list: an array of PostgreSQL, JSON for SQLite."""

    impl = String
    cache_ok = True

    def __init__(self, item: type[TypeEngine[Any]]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(self.item) if dialect.name == "postgresql" else String())

    def process_bind_param(self, value: list[Any] | None, dialect: Dialect) -> Any:
        return value if dialect.name == "postgresql" else orjson.dumps(value).decode()


class _Condition(FunctionElement[bool]):
    type = Boolean()

    def self_group(self, against: Any = None) -> Self:  # noqa: ARG002 - SQLAlchemy's
        # SQLAlchemy would write `… = 1` for SQLite, which then uses no index on the column.
        return self


class _IsIn(_Condition):
    inherit_cache = True
    name = "is_in"

    @property
    def column(self) -> ColumnElement[Any]:
        """What is looked up in the list."""
        return next(iter(self.clauses))


class _IsInUnseen(_IsIn):
    inherit_cache = True
    name = "is_in_unseen"


def is_in(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Return the condition that *column* is in the parameter *name*: a list of any length.

    SQLAlchemy's `in_` makes a parameter for each value, so every number of values is another statement, which
    the driver cannot keep prepared and the database has to plan anew. This is one statement for any list.
    """
    return _IsIn(column, _list(column, name))


def is_in_unseen(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Return the same condition, for statements that PostgreSQL is to plan once for all lists.

    It compares the plan for the values of a question with one for ten unknown values, and plans anew for each
    question where the first looks cheaper, as it does for lists of one or two. A plan for a few large lists
    can be far from right, too. Here it does not see the values when it plans.
    """
    return _IsInUnseen(column, _list(column, name))


def _list(column: ColumnElement[Any], name: str) -> BindParameter[list[Any]]:
    return bindparam(name, type_=_ListParameter(String if isinstance(column.type, String) else BigInteger))


@compiles(_IsIn, "postgresql")
def _array(element: _IsIn, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{column} = ANY ({values})"


@compiles(_IsInUnseen, "postgresql")
def _array_of_subquery(element: _IsInUnseen, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = (compiler.process(clause, **kw) for clause in element.clauses)
    # The cast makes it an array; without it, PostgreSQL reads the rows of a subquery.
    kind = "text" if isinstance(element.column.type, String) else "bigint"
    return f"{column} = ANY ((SELECT {values})::{kind}[])"


@compiles(_IsIn, "sqlite")
def _json(element: _IsIn, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - of a column and a parameter


class _LookedUp(_Condition):
    inherit_cache = True
    name = "looked_up"


def looked_up(column: ColumnElement[Any], value: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that *column* is *value*, for a join of few rows with a table by its index.

    For `=`, PostgreSQL reads whole tables into memory where it expects more rows than there will be, and it
    has to weigh each order of the joins. A list of one value is only looked up.
    """
    return _LookedUp(column, value)


@compiles(_LookedUp, "postgresql")
def _any_of_one(element: _LookedUp, compiler: SQLCompiler, **kw: Any) -> str:
    column, value = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{column} = ANY (ARRAY[{value}])"


@compiles(_LookedUp, "sqlite")
def _equal(element: _LookedUp, compiler: SQLCompiler, **kw: Any) -> str:
    column, value = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{column} = {value}"


class id_just_added(FunctionElement[int]):  # noqa: N801 - reads as a SQL function
    """The id of the row that this transaction has just added to the table: with the statement before."""

    type = BigInteger()
    inherit_cache = True
    name = "id_just_added"

    def __init__(self, table: Table) -> None:
        super().__init__(literal_column(f"'{table.name}_id_seq'"))


@compiles(id_just_added, "postgresql")
def _currval(element: id_just_added, compiler: SQLCompiler, **kw: Any) -> str:
    return f"currval({compiler.process(element.clauses, **kw)})"


@compiles(id_just_added, "sqlite")
def _last_insert_rowid(_element: id_just_added, _compiler: SQLCompiler, **_: Any) -> str:
    return "last_insert_rowid()"


class concatenated(FunctionElement[str]):  # noqa: N801 - reads as the SQL function that it stands for
    """The texts of a column, one after the other in the order of the rows, as one text; null without rows."""

    type = String()
    inherit_cache = True
    name = "concatenated"


@compiles(concatenated, "postgresql")
def _string_agg(element: concatenated, compiler: SQLCompiler, **kw: Any) -> str:
    return f"string_agg({compiler.process(element.clauses, **kw)}, '')"


@compiles(concatenated, "sqlite")
def _group_concat(element: concatenated, compiler: SQLCompiler, **kw: Any) -> str:
    return f"group_concat({compiler.process(element.clauses, **kw)}, '')"


class json_rows(FunctionElement[str]):  # noqa: N801 - reads as a SQL function
    """The rows of a subquery as one JSON text: a list of lists of *columns*; see `in_order`."""

    type = String()
    inherit_cache = True
    name = "json_rows"


@compiles(json_rows, "postgresql")
def _json_agg(element: json_rows, compiler: SQLCompiler, **kw: Any) -> str:
    return f"CAST(json_agg(json_build_array({compiler.process(element.clauses, **kw)})) AS TEXT)"


@compiles(json_rows, "sqlite")
def _json_group_array(element: json_rows, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_group_array(json_array({compiler.process(element.clauses, **kw)}))"


def in_order(rows: str | None) -> list[list[Any]]:
    """Return the rows of `json_rows`, ordered by their first column: the databases give them in any order."""
    return sorted(orjson.loads(rows)) if rows else []


def are_cheaper_in_binary(types: Sequence[TypeEngine[Any]]) -> bool:
    """Return whether there are moments among columns of these types, dear as texts, and nothing unusual.

    The driver of PostgreSQL has all of these types in both forms, and makes the same values of them.
    """
    kinds = [getattr(each, "impl", each) for each in types]
    return any(isinstance(kind, DateTime) for kind in kinds) and all(
        isinstance(kind, (DateTime, Integer, Boolean, String, LargeBinary)) for kind in kinds
    )


def choose_format(cursor: Any, _text: str, _values: object, context: Any) -> None:
    """Ask PostgreSQL for bytes when the option of the statement says so."""
    if context.execution_options.get("binary_results"):
        from psycopg.pq import Format  # noqa: PLC0415 - it takes long, and is not there for SQLite

        cursor.format = Format.BINARY
