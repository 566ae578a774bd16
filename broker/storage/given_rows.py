"""Rows that a statement is given as one parameter, a JSON text: any number of them, with the same statement.

SQLAlchemy writes a statement for each number of rows, or the driver sends one for each row. Both cost three
times as much for rows of a few words.
"""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import (
    Column,
    ColumnElement,
    Dialect,
    Select,
    Text,
    TypeDecorator,
    bindparam,
    literal_column,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

GIVEN = "rows"
"""The name of the parameter: a list of lists, of numbers, texts and nulls."""


class _JsonRows(TypeDecorator[Sequence[Sequence[Any]]]):
    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:  # noqa: ARG002 - SQLAlchemy's
        return orjson.dumps(value).decode()


class _each(FunctionElement[Any]):  # noqa: N801 - reads as a SQL function
    inherit_cache = True
    name = "each"


class _item(FunctionElement[Any]):  # noqa: N801 - reads as a SQL function
    """An item of a row, by its place, as a value of the type."""

    inherit_cache = True
    name = "item"

    def __init__(self, row: ColumnElement[Any], place: int, type_: TypeEngine[Any]) -> None:
        super().__init__(row, literal_column(str(place)))
        self.type = type_


@compiles(_each, "postgresql")
def _json_array_elements(element: _each, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_array_elements(CAST({compiler.process(element.clauses, **kw)} AS JSON))"


@compiles(_each, "sqlite")
def _json_each(element: _each, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **kw)})"


@compiles(_item, "postgresql")
def _cast_text(element: _item, compiler: SQLCompiler, **kw: Any) -> str:
    row, place = (compiler.process(clause, **kw) for clause in element.clauses)
    kind = element.type.dialect_impl(compiler.dialect)
    return f"({row} ->> {place})::{compiler.dialect.type_compiler_instance.process(kind)}"


@compiles(_item, "sqlite")
def _json_extract(element: _item, compiler: SQLCompiler, **kw: Any) -> str:
    row, place = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"json_extract({row}, '$[{place}]')"


def given_rows(*columns: Column[Any]) -> Select[Any]:
    """Select the rows of the parameter GIVEN, whose items are values of these columns, in their order."""
    row = _each(bindparam(GIVEN, type_=_JsonRows)).table_valued("value").c.value
    items = (_item(row, place, column.type) for place, column in enumerate(columns))
    # SQLite takes ON CONFLICT for a condition of a join where there is no WHERE before it.
    return select(*items).where(row.is_not(None))
