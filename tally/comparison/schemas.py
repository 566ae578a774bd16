"""The schemas of one document, compiled once, and what they find wrong, in sentences."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from tally.comparison.amounts_of_work import AmountOfWork
from tally.comparison.closing import closed
from tally.comparison.places import schema_pointer
from tally.comparison.polymorphism import with_discriminators
from tally.comparison.schema_views import Definitions, conjuncts, definitions_of
from tally.comparison.texts import TextReader
from tally.comparison.views import View
from tally.errors import TallyError
from tally.json_schema.containment import Answer, accepts_in_time
from tally.json_schema.schema import Schema
from tally.json_schema.validation import SchemaProblem, Validator
from tally.json_schema.weight import weight
from tally.matching.mismatch import shown
from tally.pact.path_expressions import format_path
from tally.service_contract.model import ServiceContract
from tally.values import dataclass

MOST_WEIGHT = 40


class TooMuchWorkError(TallyError):
    """A value cannot be judged by a schema in the time that there is."""


@dataclass(frozen=True)
class Problem:
    """What a schema finds wrong: the keys of the place in the value, the pointer in the document, words.

    *is_undeclared* is for a property that should not be there at all.
    """

    parts: tuple[str | int, ...]
    document: str
    text: str
    is_undeclared: bool = False


class CompiledSchema:
    """One schema of a document, at *start* in it, in the forms that comparisons ask for."""

    def __init__(self, contract: ServiceContract, schema: Schema, start: str) -> None:
        self.contract = contract
        self.schema = with_discriminators(schema)
        self.start = start
        self.refused: dict[bytes, Any] = {}
        """What was found out about what consumers may send, by the schema of that."""
        self.unmet: dict[bytes, Any] = {}
        """What was found out about what consumers rely on, by that."""

    @cached_property
    def definitions(self) -> Definitions:
        """What its references refer to."""
        return definitions_of(self.schema)

    @cached_property
    def declared_names(self) -> frozenset[str]:
        """The properties that it declares, whatever their alternatives declare."""
        parts = conjuncts(self.schema, self.definitions)
        return frozenset(name for part in parts for name in part.get("properties", {}))

    @cached_property
    def whole(self) -> Validator:
        """Judges values as they are sent."""
        return Validator(self.schema)

    @cached_property
    def view(self) -> View:
        """What it says about values and all that is in them."""
        return View.of(self.contract, self.schema, self.start)

    @cached_property
    def texts(self) -> TextReader:
        """Reads values that were written as text."""
        return TextReader(self.schema, self.definitions, self.whole)

    @cached_property
    def parts(self) -> tuple["ClosedSchema", "ClosedSchema"]:
        """Judge examples that show a part of an answer; the second those whose lists are shortened."""
        return ClosedSchema(self, keep_sizes=True), ClosedSchema(self, keep_sizes=False)

    @cached_property
    def is_quickly_judged(self) -> bool:
        """Whether what it contains is found out in little time."""
        return weight(self.schema) <= MOST_WEIGHT

    @cached_property
    def work(self) -> AmountOfWork:
        """What judging by it may cost."""
        return AmountOfWork(self.schema, self.definitions)

    def problems(self, value: Any) -> Iterator[Problem]:
        """Yield what is wrong with a value that is sent as it is. Raises TooMuchWorkError."""
        if not self.work.is_light(value):
            yield from self.judged_apart(self.schema, value)
            return
        for problem in self.whole.quick_problems(value):
            yield self.problem(self.schema, problem, value)

    def judged_apart(self, schema: Schema, value: Any) -> Iterator[Problem]:
        """Yield whether a value is wrong, as a process says that is killed when it takes too long."""
        answer = accepts_in_time(schema, value)
        if answer is Answer.UNKNOWN:
            raise TooMuchWorkError(
                f"{self.start}: the schema leads to too many others, or to itself in too many ways, to judge "
                "a value by it in time; give each alternative a property that tells it from the others"
            )
        if answer is Answer.NO:
            text = "it does not fit the schema, which leads to too many others to say where"
            yield Problem((), self.start, text)

    def problem(self, schema: Schema, problem: SchemaProblem, value: Any) -> Problem:
        """Return in words what is wrong."""
        document = schema_pointer(self.contract, self.start, schema, problem.rule_parts)
        is_undeclared = problem.keyword in _FALSE and bool(problem.parts)
        return Problem(problem.parts, document, _words(problem, value), is_undeclared)


class ClosedSchema:
    """Judges examples of a part of an answer."""

    def __init__(self, source: CompiledSchema, *, keep_sizes: bool) -> None:
        self._source = source
        self._keep_sizes = keep_sizes

    @cached_property
    def _schema(self) -> Schema:
        return closed(self._source.schema, keep_sizes=self._keep_sizes)

    @cached_property
    def _validator(self) -> Validator:
        return Validator(self._schema)

    def problems(self, value: Any) -> Iterator[Problem]:
        """Yield what the provider could not answer. Raises TooMuchWorkError."""
        if not self._source.work.is_light(value):
            yield from self._source.judged_apart(self._schema, value)
            return
        for problem in self._validator.quick_problems(value):
            yield self._source.problem(self._schema, problem, value)


_FALSE = frozenset({"unevaluatedProperties", "additionalProperties", "falseSchema"})


def _words(problem: SchemaProblem, value: Any) -> str:
    if problem.keyword in _FALSE and problem.parts:
        found = f"{format_path(problem.parts)} ({shown(_at(value, problem.parts))})"
        return f"the document does not declare {found}"
    where = f"at {format_path(problem.parts)}, " if problem.parts else ""
    return f"{where}{problem.message}"


def _at(value: Any, parts: tuple[str | int, ...]) -> Any:
    for part in parts:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value
