"""Statements that the driver gets as they are, below SQLAlchemy's layer of execution.

SQLAlchemy finds the text of a statement by a key of all its parts, made anew for each execution, and builds
five objects around it: 30 µs and more, where SQLite answers a look-up in 3. But a statement that is kept, as
a constant or by a cache, has the same text each time. What is needed to send it is learned from its
second execution. One that is built for a single execution goes the usual way.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from time import perf_counter
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, CursorResult, Engine, Executable
from sqlalchemy.engine import IteratorResult
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.schema import DefaultGenerator
from sqlalchemy.sql.compiler import SQLCompiler

from broker.storage.database_load import kind_of
from broker.storage.dialects import choose_format

Took = Callable[[str, float], None]
"""Is told of which kind a statement was, and how many seconds it took."""
_KNOWN_OPTIONS = {"binary_results", "isolation_level"}
_NO_COLUMNS = SimpleResultMetaData(())
_ONE = False
"""For events: the statement has one set of values."""
_NO_VALUES: Mapping[str, Any] = {}


def _tell_nobody(_kind: str, _seconds: float) -> None:
    pass


class DirectStatement:
    """What SQLAlchemy made of a statement with parameters of these names.

    Where SQLAlchemy and its events ask for the context of an execution, this one takes its place.
    """

    executemany = False

    def __init__(self, result: CursorResult[Any], compiled: Any, given: Mapping[str, Any]) -> None:
        context: Any = result.context
        values = context.compiled_parameters[0]
        self.text: str = context.statement
        self.kind = kind_of(self.text)
        self.names = frozenset(given)
        self.execution_options: Mapping[str, Any] = context.execution_options
        self.is_binary = "binary_results" in self.execution_options and context.dialect.name == "postgresql"
        self.returns_rows = result.returns_rows
        self.columns: Any = result._metadata if result.returns_rows else _NO_COLUMNS  # noqa: SLF001 - the only way
        self._constants = {name: value for name, value in values.items() if name not in given}
        self._is_positional = compiled.positional
        names = compiled.positiontup if compiled.positional else values
        conversions = compiled._bind_processors  # noqa: SLF001 - the only way
        self._parameters = [(name, conversions.get(name)) for name in names]

    def values(self, given: Mapping[str, Any]) -> Any:
        """Return the values as the driver takes them."""
        all_of_them = {**self._constants, **given}
        if self._is_positional:
            return [
                all_of_them[name] if convert is None else convert(all_of_them[name])
                for name, convert in self._parameters
            ]
        return {
            name: all_of_them[name] if convert is None else convert(all_of_them[name])
            for name, convert in self._parameters
        }

    def handle_dbapi_exception(self, error: BaseException) -> None:
        """Do nothing more about an error: SQLAlchemy calls this."""


def direct_statement(result: CursorResult[Any], given: Mapping[str, Any]) -> DirectStatement | None:
    """Return how to send the statement of this result again; None when its text depends on the values."""
    context: Any = result.context
    compiled = context.compiled
    if (
        not isinstance(compiled, SQLCompiler)
        or context.executemany
        or context.execution_options.keys() - _KNOWN_OPTIONS
        or compiled.post_compile_params
        or compiled.literal_execute_params
        or compiled.escaped_bind_names
        or compiled.update_prefetch
        or not all(_is_constant(column.default) for column in compiled.insert_prefetch)
    ):
        return None
    return DirectStatement(result, compiled, given)


def _is_constant(default: DefaultGenerator | None) -> bool:
    return default is not None and default.is_scalar


class Rows(IteratorResult[Any]):
    """The rows that a statement returned, and how many it changed."""

    rowcount = -1


class _Seen(Enum):
    """What is known of a statement that is not sent directly."""

    ONCE = "once"
    INDIRECT = "indirect"
    """Its text depends on the values."""


class DirectStatements:
    """The statements that an engine has executed; safe to share between threads. *took* is told of each."""

    def __init__(self, engine: Engine, took: Took = _tell_nobody) -> None:
        self.listeners: Any = engine.dispatch
        self.took = took
        self._known: WeakKeyDictionary[Executable, DirectStatement | _Seen] = WeakKeyDictionary()

    def find(self, statement: Executable, given: Mapping[str, Any]) -> DirectStatement | None:
        """Return how to send the statement with parameters of these names, if that is known."""
        known = self._known.get(statement)
        return known if isinstance(known, DirectStatement) and known.names == given.keys() else None

    def note(self, statement: Executable, result: CursorResult[Any], given: Mapping[str, Any]) -> None:
        """Learn from an execution, unless it is the first: the statement may have been made for it alone."""
        known = self._known.get(statement)
        if known is None:
            self._known[statement] = _Seen.ONCE
        elif known is _Seen.ONCE:
            self._known[statement] = direct_statement(result, given) or _Seen.INDIRECT


class DirectConnection(Connection):
    """A connection that sends directly what it can. Errors, events and transactions are SQLAlchemy's.

    One that *reads* begins no transaction by itself, and is no more to be used after its server was lost.
    """

    def __init__(self, engine: Engine, statements: DirectStatements, *, reads: bool = False) -> None:
        super().__init__(engine, _allow_revalidate=not reads, _allow_autobegin=not reads)
        self._statements = statements
        self._begins = not reads

    def execute(self, statement: Any, parameters: Any = None, *, execution_options: Any = None) -> Any:
        given = _NO_VALUES if parameters is None else parameters
        if execution_options or not isinstance(given, Mapping):
            return super().execute(statement, parameters, execution_options=execution_options)
        known = self._statements.find(statement, given)
        if known is not None:
            return self._send(known, known.values(given))
        result = super().execute(statement, parameters)
        self._statements.note(statement, result, given)
        return result

    def scalar(self, statement: Any, parameters: Any = None, *, execution_options: Any = None) -> Any:
        return self.execute(statement, parameters, execution_options=execution_options).scalar()

    def _send(self, statement: DirectStatement, values: Any) -> Rows:
        if self._begins and not self.in_transaction():
            self.begin()
        cursor: Any = self.connection.cursor()
        try:
            if statement.is_binary:
                choose_format(cursor, statement.text, values, statement)
            self._execute(cursor, statement, values)
            rows = Rows(statement.columns, iter(cursor.fetchall() if statement.returns_rows else ()))
            rows.rowcount = cursor.rowcount
        except BaseException as error:  # noqa: BLE001 - it is raised again
            context: Any = statement
            self._handle_dbapi_exception(error, statement.text, values, cursor, context)
        return rows

    def _execute(self, cursor: Any, statement: DirectStatement, values: Any) -> None:
        listeners = self._statements.listeners
        for begins in listeners.before_cursor_execute:
            begins(self, cursor, statement.text, values, statement, _ONE)
        started = perf_counter()
        try:
            cursor.execute(statement.text, values)
        finally:
            self._statements.took(statement.kind, perf_counter() - started)
        for ends in listeners.after_cursor_execute:
            ends(self, cursor, statement.text, values, statement, _ONE)
