"""Statements that the driver gets as they are, below SQLAlchemy's layer of execution.

SQLAlchemy finds the text of a statement by a key of all its parts, made anew for each execution, and builds
five objects around it: 30 µs and more, where SQLite answers a look-up in 3. But a statement that is kept, as
a constant or by a cache, has the same text each time. What is needed to send it is learned from its
second execution. One that is built for a single execution goes the usual way.

PostgreSQL gets them by `round_trips`, unless a pooler is in between.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from enum import Enum
from time import perf_counter
from typing import Any, NoReturn, Self
from weakref import WeakKeyDictionary

from sqlalchemy import (
    Connection,
    CursorResult,
    Engine,
    Executable,
    Result,
)
from sqlalchemy.engine import IteratorResult
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.schema import DefaultGenerator
from sqlalchemy.sql.compiler import SQLCompiler

from broker.storage.database_load import kind_of
from broker.storage.dialects import are_cheaper_in_binary, choose_format
from broker.storage.round_trips import TRIPS, RoundTrips

Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]
"""For one row, or for several."""
RowsLater = Callable[[], Sequence[Any]]
Took = Callable[[str, float], None]
"""Is told of which kind a statement was, and how many seconds it took."""
_KNOWN_OPTIONS = {"binary_results", "isolation_level"}
_NO_COLUMNS = SimpleResultMetaData(())
_ONE = False
"""For events: the statement has one set of values."""
_NO_VALUES: Mapping[str, Any] = {}
_UNTOLD: AbstractContextManager[None] = nullcontext()


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
        types = [column.type for column in compiled._result_columns]  # noqa: SLF001 - the only way
        is_wanted = "binary_results" in self.execution_options or are_cheaper_in_binary(types)
        self.is_binary = is_wanted and context.dialect.name == "postgresql"
        self.returns_rows = result.returns_rows
        self.columns: Any = result._metadata if result.returns_rows else _NO_COLUMNS  # noqa: SLF001 - the only way
        self._constants = {name: value for name, value in values.items() if name not in given}
        self._is_positional = compiled.positional
        names = compiled.positiontup if compiled.positional else values
        conversions = compiled._bind_processors  # noqa: SLF001 - the only way
        self._parameters = [(name, conversions.get(name)) for name in names]
        numbers = {name: f"${number}" for number, name in enumerate(names, 1)}
        self.numbered = self.text if compiled.positional else self.text % numbers
        """The text with the parameters as PostgreSQL itself has them, in the order of `in_order`."""

    def values(self, given: Mapping[str, Any]) -> Any:
        """Return the values as the driver takes them."""
        values = self.in_order(given)
        if self._is_positional:
            return values
        return {name: value for (name, _), value in zip(self._parameters, values, strict=True)}

    def in_order(self, given: Mapping[str, Any]) -> list[Any]:
        """Return the values in the order of the parameters."""
        all_of_them = {**self._constants, **given}
        return [
            all_of_them[name] if convert is None else convert(all_of_them[name])
            for name, convert in self._parameters
        ]

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

    def columns_of(self, statement: Executable) -> Any:
        """Return the columns of a statement that can be sent directly."""
        known = self._known[statement]
        assert isinstance(known, DirectStatement)  # noqa: S101 - it was found before
        return known.columns

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

    def __enter__(self) -> Self:
        return self

    def execute(self, statement: Any, parameters: Any = None, *, execution_options: Any = None) -> Any:
        given = _NO_VALUES if parameters is None else parameters
        if not execution_options and isinstance(given, Mapping):
            known = self._statements.find(statement, given)
            if known is not None:
                return self._send(known, given)
            self.send_waiting()
            result = super().execute(statement, parameters)
            self._statements.note(statement, result, given)
            return result
        self.send_waiting()
        return super().execute(statement, parameters, execution_options=execution_options)

    def exec_driver_sql(self, statement: str, parameters: Any = None, execution_options: Any = None) -> Any:
        self.send_waiting()
        result = super().exec_driver_sql(statement, parameters, execution_options)
        trips: RoundTrips | None = self.connection.info.get(TRIPS)
        if trips is not None and statement.lstrip()[:4].upper() in {"DROP", "ROLL"}:
            trips.prepare_anew()
        return result

    def scalar(self, statement: Any, parameters: Any = None, *, execution_options: Any = None) -> Any:
        return self.execute(statement, parameters, execution_options=execution_options).scalar()

    def later(self, statement: Executable, given: Parameters) -> None:
        """Execute a statement whose answer nobody reads, at the latest when the transaction is committed."""
        self._later(statement, given)

    def soon(self, statement: Executable, given: Mapping[str, Any]) -> RowsLater:
        """Execute a statement with the next one; return what returns its rows, and sends it if need be."""
        results: list[Any] = []
        if (result := self._later(statement, given, results)) is not None:
            found = result.all()
            return lambda: found
        columns, trips = self._statements.columns_of(statement), self.connection.info[TRIPS]

        def rows() -> Sequence[Any]:
            if not results:
                self.send_waiting()
            return Rows(columns, iter(trips.read(results[0]).rows)).all()

        return rows

    def _later(
        self, statement: Executable, given: Parameters, results: list[Any] | None = None
    ) -> Result[Any] | None:
        """Return the result if the statement is executed at once."""
        known = self._statements.find(statement, given) if isinstance(given, Mapping) else None
        trips = self._begun()
        if known is None or trips is None or not self._begins or not isinstance(given, Mapping):
            result: Result[Any] = self.execute(statement, given)
            return result
        try:
            with self._told(known, given):
                trips.later(known.numbered, known.in_order(given), known, results)
                self._statements.took(known.kind, 0.0)
        except BaseException as error:  # noqa: BLE001 - it is raised again
            self._fail(error, trips, known)
        return None

    def _send(self, statement: DirectStatement, given: Mapping[str, Any]) -> Rows:
        trips = self._begun()
        if trips is not None:
            return self._ask(trips, statement, given)
        values = statement.values(given)
        cursor: Any = self.connection.cursor()
        try:
            if statement.is_binary:
                choose_format(cursor, statement.text, values, statement)
            self._tell_before(cursor, statement, values)
            started = perf_counter()
            try:
                cursor.execute(statement.text, values)
            finally:
                self._statements.took(statement.kind, perf_counter() - started)
            self._tell_after(cursor, statement, values)
            rows = Rows(statement.columns, iter(cursor.fetchall() if statement.returns_rows else ()))
            rows.rowcount = cursor.rowcount
        except BaseException as error:  # noqa: BLE001 - it is raised again
            context: Any = statement
            self._handle_dbapi_exception(error, statement.text, values, cursor, context)
        return rows

    def _ask(self, trips: RoundTrips, statement: DirectStatement, given: Mapping[str, Any]) -> Rows:
        values = statement.in_order(given)
        try:
            with self._told(statement, given):
                started = perf_counter()
                try:
                    answer = trips.ask(statement.numbered, values, statement, is_binary=statement.is_binary)
                finally:
                    self._statements.took(statement.kind, perf_counter() - started)
        except BaseException as error:  # noqa: BLE001 - it is raised again
            self._fail(error, trips, statement)
        rows = Rows(statement.columns, iter(answer.rows))
        rows.rowcount = answer.rowcount
        return rows

    def _begun(self) -> RoundTrips | None:
        """Begin a transaction unless there is one; return the ways to PostgreSQL, if these are to be used."""
        if self._begins and not self.in_transaction():
            self.begin()
        found: RoundTrips | None = self.connection.info.get(TRIPS)
        if found is not None:
            found.under_way = None
        return found

    def send_waiting(self) -> None:
        """Send what waits, for who wants to know now whether it fails."""
        trips: RoundTrips | None = self.connection.info.get(TRIPS)
        if trips is None:
            return
        try:
            trips.send_waiting()
        except BaseException as error:  # noqa: BLE001 - it is raised again
            self._fail(error, trips, None)

    def _fail(self, error: BaseException, trips: RoundTrips, asked: DirectStatement | None) -> NoReturn:
        """Raise the error as SQLAlchemy does, with the statement that it is of; it may have waited."""
        sent = trips.under_way
        of: Any = sent.owner if sent else asked
        values: Any = (sent and sent.values) or ()
        self._handle_dbapi_exception(error, of.text if of else "", values, None, of)

    def _told(self, statement: DirectStatement, given: Mapping[str, Any]) -> AbstractContextManager[None]:
        listeners = self._statements.listeners
        is_heard = listeners.before_cursor_execute or listeners.after_cursor_execute
        return self._telling(statement, given) if is_heard else _UNTOLD

    @contextmanager
    def _telling(self, statement: DirectStatement, given: Mapping[str, Any]) -> Iterator[None]:
        """Tell who listens to statements, with a cursor to send another one beside."""
        values, cursor = statement.values(given), self.connection.cursor()
        self._tell_before(cursor, statement, values)
        yield
        self._tell_after(cursor, statement, values)

    def _tell_before(self, cursor: Any, statement: DirectStatement, values: Any) -> None:
        for begins in self._statements.listeners.before_cursor_execute:
            begins(self, cursor, statement.text, values, statement, _ONE)

    def _tell_after(self, cursor: Any, statement: DirectStatement, values: Any) -> None:
        for ends in self._statements.listeners.after_cursor_execute:
            ends(self, cursor, statement.text, values, statement, _ONE)


def later(connection: Connection, statement: Executable, given: Parameters) -> None:
    """Execute a statement of which nobody needs to know when it is done, or how many rows it changed.

    It is done before the next one. On PostgreSQL it goes with that, or with the COMMIT, and fails then.
    """
    if isinstance(connection, DirectConnection):
        connection.later(statement, given)
    else:
        connection.execute(statement, given)


def soon(connection: Connection, statement: Executable, given: Mapping[str, Any]) -> RowsLater:
    """Execute a statement before the next one; return what returns its rows.

    On PostgreSQL it goes with the next one, so it is for what is asked for before something else is.
    """
    if isinstance(connection, DirectConnection):
        return connection.soon(statement, given)
    found = connection.execute(statement, given).all()
    return lambda: found
