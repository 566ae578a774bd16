"""Ways to PostgreSQL and back, on which several statements go together, prepared.

A way costs 20 µs of CPU on each side, as much as the work of a short statement. A statement whose answer
nobody reads waits for the next one, BEGIN goes with the first, and COMMIT takes along what waits. Cursors of
the driver go each way for one statement, and cost another 15 µs. How values are converted, how an answer is
waited for, and which error is which is the driver's business here, too.
"""

from collections.abc import Generator, Sequence
from datetime import datetime
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from tally.loading import Later

if TYPE_CHECKING:
    import psycopg
    from psycopg import adapt, errors, generators, pq
else:
    psycopg, adapt, errors = Later("psycopg"), Later("psycopg.adapt"), Later("psycopg.errors")
    generators, pq = Later("psycopg.generators"), Later("psycopg.pq")

TRIPS = "tally_round_trips"
"""In the info of a connection: its RoundTrips, if it has any."""
MOST_PREPARED = 300
"""Texts that a connection keeps prepared: PostgreSQL has up to some 100 KB for each."""
MOST_VARIANTS = 4
"""Of one text, for types of parameters that cannot stand for each other."""
MOST_WAITING = 100
"""Statements that wait for the next way at most."""
_BEGIN, _COMMIT = "BEGIN", "COMMIT"
_NULL = -1
"""The type of null, which any parameter takes. PostgreSQL chooses that of a parameter of type 0."""
_RANKS = {21: 1, 23: 2, 20: 3, 1005: 1, 1007: 2, 1016: 3}
"""Types of whole numbers, and of arrays of them: one of a higher rank takes those below."""
_ARRAYS = frozenset({1005, 1007, 1016})
_UNKNOWN_NAME = "26000"
_Types = tuple[int, ...]


class Sent(NamedTuple):
    """A statement with its values, as the driver converted them; *owner* is what the caller knows it by."""

    text: str
    owner: Any
    is_binary: bool
    values: Sequence[Any] | None
    types: _Types
    formats: Sequence[Any] | None
    results: list[Any] | None
    """Where its result goes, if somebody reads it later."""


class Returned(NamedTuple):
    """The rows of a statement, and how many it returned or changed."""

    rows: Sequence[tuple[Any, ...]]
    rowcount: int


class _Step(NamedTuple):
    """What goes on the way: a statement, or what it needs: a name for it, or that another one is dropped."""

    statement: Sent
    prepares: tuple[_Types, bytes] | None = None
    drops: bytes | None = None


class _Formats(dict[type, Any]):
    """How values of each class are sent: whole numbers and lists as text, where all sizes look the same.

    A moment is dear to write and to read as text.
    """

    def __missing__(self, kind: type) -> Any:
        if issubclass(kind, datetime):
            found = adapt.PyFormat.BINARY
        else:
            has_digits = issubclass(kind, (int, list)) and kind is not bool
            found = adapt.PyFormat.TEXT if has_digits else adapt.PyFormat.AUTO
        self[kind] = found
        return found


def is_possible() -> bool:
    """Return whether the driver can send several statements on one way: not with libpq before 14."""
    return bool(psycopg.Pipeline.is_supported())


class RoundTrips:
    """The ways of a connection of psycopg, and what is prepared on it."""

    def __init__(self, driver: Any) -> None:
        self._driver = driver
        self._wire = driver.pgconn
        self._formats = _Formats()
        self._successes = {int(pq.ExecStatus.TUPLES_OK), int(pq.ExecStatus.COMMAND_OK)}
        self._receive = partial(_receive, generators.send, generators.fetch_many, pq.ExecStatus.PIPELINE_SYNC)
        self._conversion = adapt.Transformer(driver)
        self._waiting: list[Sent] = []
        self._prepared: dict[str, list[tuple[_Types, bytes]]] = {}
        """The names of each text, by the types of its parameters; what was used last comes last."""
        self._unneeded: list[bytes] = []
        """Names that are still to be dropped."""
        self._numbers = count(1)
        self.under_way: Sent | None = None
        """The statement that was sent last or, after an error, the one that it is of."""

    def later(
        self, text: str, values: Sequence[Any], owner: Any = None, results: list[Any] | None = None
    ) -> None:
        """Let a statement wait for the next way, which adds its result to *results*: see `read`.

        Raises psycopg.Error when a value cannot be sent, or when too many waited and one of them failed.
        """
        self._waiting.append(self._converted(text, values, owner, results=results))
        if len(self._waiting) >= MOST_WAITING:
            self.send_waiting()

    def ask(
        self, text: str, values: Sequence[Any], owner: Any = None, *, is_binary: bool = False
    ) -> Returned:
        """Send what waits, and this; return its answer. Raises psycopg.Error, of `under_way`."""
        return self.read(self._go(self._converted(text, values, owner, is_binary=is_binary)))

    def read(self, result: Any) -> Returned:
        """Return the answer that is in a result. Raises psycopg.Error."""
        if not result.nfields:
            return Returned((), result.command_tuples or 0)
        self._conversion.set_pgresult(result)
        return Returned(self._conversion.load_rows(0, result.ntuples, tuple), result.ntuples)

    def send_waiting(self) -> None:
        """Send what waits, if anything does. Raises psycopg.Error, of `under_way`."""
        if self._waiting:
            self._go(self._waiting.pop())

    def commit(self) -> None:
        """Commit, after what waits. Raises psycopg.Error; then, unless it `is_commit`, nothing was stored."""
        if self._is_idle():
            self.send_waiting()  # by itself: if the server is gone, it may be done again
        if not self._is_idle():
            self._go(self._converted(_COMMIT))

    @property
    def is_commit(self) -> bool:
        """Whether what is under way is a COMMIT."""
        return self.under_way is not None and self.under_way.text == _COMMIT

    def forget(self) -> None:
        """Forget what waits: the transaction is rolled back."""
        self._waiting.clear()

    def prepare_anew(self) -> None:
        """Forget what is prepared: the driver throws it away when it sends DROP."""
        self._prepared.clear()
        self._unneeded.clear()

    def _is_idle(self) -> bool:
        return bool(self._wire.transaction_status == 0)

    def _converted(
        self,
        text: str,
        values: Sequence[Any] = (),
        owner: Any = None,
        *,
        is_binary: bool = False,
        results: list[Any] | None = None,
    ) -> Sent:
        if not values:
            return Sent(text, owner, is_binary, None, (), None, results)
        conversion = self._conversion
        formats = [self._formats[value.__class__] for value in values]
        try:
            converted = conversion.dump_sequence(values, formats)
        except Exception:
            self.under_way = Sent(text, owner, is_binary, None, (), None, results)
            raise
        types = conversion.types or ()
        if None in converted:
            types = tuple(
                _NULL if value is None else kind for value, kind in zip(converted, types, strict=True)
            )
        return Sent(text, owner, is_binary, converted, types, conversion.formats, results)

    def _go(self, last: Sent) -> Any:
        """Send all that waits, and *last*; return its result."""
        statements = [*self._waiting, last]
        self._waiting.clear()
        self.under_way = last
        if self._is_idle() and not self._driver.autocommit:
            statements.insert(0, self._converted(_begin(self._driver)))
        wire, steps = self._wire, list[_Step]()
        results: list[Any] = []
        try:
            wire.enter_pipeline_mode()
            for statement in statements:
                self._put(statement, steps)
            wire.pipeline_sync()
            self._driver.wait(self._receive(wire, results))
            wire.exit_pipeline_mode()
        except BaseException as error:
            # What comes on this connection from now on would be taken for the answer to something else.
            wire.finish()
            if isinstance(error, psycopg.Error):
                self._check(steps, results)  # what the server said at the end tells more
            raise
        self._check(steps, results)
        return results[-1]

    def _put(self, statement: Sent, steps: list[_Step]) -> None:
        name = self._name(statement)
        if name is None:
            types = self._make_room(statement)
            while self._unneeded:
                unneeded = self._unneeded.pop()
                self._wire.send_query_params(b"DEALLOCATE " + unneeded, None)
                steps.append(_Step(statement, drops=unneeded))
            kind = statement.text.split(maxsplit=1)[0].lower()
            name = f"tally_{kind}_{next(self._numbers)}".encode()
            asked = [0 if of == _NULL else of for of in types]
            self._wire.send_prepare(name, statement.text.encode(), asked)
            steps.append(_Step(statement, prepares=(types, name)))
        self._wire.send_query_prepared(name, statement.values, statement.formats, int(statement.is_binary))
        steps.append(_Step(statement))

    def _name(self, statement: Sent) -> bytes | None:
        """Return the name under which PostgreSQL knows the statement; note that it was used last."""
        variants = self._prepared[statement.text] = self._prepared.pop(statement.text, [])
        for types, name in variants:
            if types == statement.types or all(map(_takes, types, statement.types)):
                return name
        return None

    def _make_room(self, statement: Sent) -> _Types:
        """Return the types for which it is to be prepared: also those of its last variant, if one may do."""
        types, variants = statement.types, self._prepared[statement.text]
        if variants:
            known, name = variants[-1]
            types = tuple(map(_wider, known, types))
            if all(map(_takes, types, known)):
                variants.pop()
                self._unneeded.append(name)
            elif len(variants) >= MOST_VARIANTS:
                self._unneeded.append(variants.pop(0)[1])
        if len(self._prepared) > MOST_PREPARED:
            self._unneeded += [name for _, name in self._prepared.pop(next(iter(self._prepared)))]
        return types

    def _check(self, steps: Sequence[_Step], results: Sequence[Any]) -> None:
        """Note what is prepared now, and results for later. Raises psycopg.Error, of the first failure."""
        # There are fewer results than steps after a lost connection.
        for number, (step, result) in enumerate(zip(steps, results, strict=False)):
            if result.status not in self._successes:
                self.under_way = step.statement
                self._unneeded += [name for *_, name in steps[number:] if name is not None]
                error = errors.error_from_result(result, encoding=self._driver.info.encoding)
                if error.sqlstate == _UNKNOWN_NAME:
                    self.prepare_anew()  # somebody has thrown away what was prepared
                raise error
            if step.prepares is not None:
                self._prepared.setdefault(step.statement.text, []).append(step.prepares)
            elif step.drops is None and step.statement.results is not None:
                step.statement.results.append(result)


def _receive(send: Any, fetch: Any, end: int, wire: Any, results: list[Any]) -> Generator[Any, Any, None]:
    """Send what is still to be sent, and add the result of each step; for `Connection.wait` of psycopg."""
    yield from send(wire)
    while True:
        found = yield from fetch(wire)
        if not found:
            raise errors.OperationalError("the connection was lost")
        if found[0].status == end:
            return
        results += found


def _begin(driver: Any) -> str:
    level = driver.isolation_level
    return f"{_BEGIN} ISOLATION LEVEL {level.name.replace('_', ' ')}" if level else _BEGIN


def _takes(known: int, given: int) -> bool:
    """Return whether a parameter of the *known* type takes values of the other one."""
    if given in (known, _NULL):
        return True
    return (known in _ARRAYS) is (given in _ARRAYS) and 0 < _RANKS.get(given, 0) <= _RANKS.get(known, 0)


def _wider(known: int, given: int) -> int:
    """Return the one of the two types that takes both; the *given* one, if none does."""
    return known if _takes(known, given) else given
