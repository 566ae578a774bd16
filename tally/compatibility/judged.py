"""Naming what changed between a writer's schema and a reader's, and judging it by the values they accept."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tally.compatibility.closing import closed, opened
from tally.compatibility.examples import Examples
from tally.compatibility.isolating import forgiven, isolated
from tally.compatibility.meanings import with_meanings
from tally.compatibility.rules import LENIENT, NOT_CONTAINED, NOT_OF_VALUES, OF_THE_UNDECLARED
from tally.compatibility.sides import ANNOTATIONS, Side
from tally.compatibility.texts import read_as_text
from tally.compatibility.walk import Difference, Walk
from tally.json_schema.answers import NO_VALUE, Answer, Containment
from tally.json_schema.containment import Patience, contains, is_light, surely_contains
from tally.json_schema.schema import Schema
from tally.values import dataclass

_MOST_JUDGED = 60
_CLOSING = frozenset(
    [
        "ADDITIONAL_PROPERTIES_NARROWED",
        "ADDITIONAL_PROPERTIES_REMOVED",
        "UNEVALUATED_PROPERTIES_NARROWED",
        "UNEVALUATED_PROPERTIES_REMOVED",
    ]
)


@dataclass(frozen=True)
class Reading:
    """How values get from a writer to a reader.

    *is_backward*: readers of the new version read what was written with the old one; otherwise it is the
    other way round. *writes_declared*: nobody writes properties that no schema declares. *ignores_others*:
    the reader ignores those that it does not know. *may_close*: a reader may begin to refuse them.
    *is_text*: values are sent as text, so that the reader sees no difference between 7 and "7".
    """

    is_backward: bool
    writes_declared: bool = False
    ignores_others: bool = False
    may_close: bool = False
    is_lenient: bool = False
    is_text: bool = False

    @property
    def forgiven(self) -> frozenset[str]:
        """The names of changes that are compatible as well."""
        if not self.writes_declared:
            return frozenset()
        return LENIENT if self.ignores_others else OF_THE_UNDECLARED

    def written(self, schema: Schema) -> Schema:
        """Return the schema of what is written."""
        meant = with_meanings(schema)
        return closed(meant) if self.writes_declared else meant

    def read(self, schema: Schema) -> Schema:
        """Return the schema of what is read without complaint."""
        meant = with_meanings(read_as_text(schema) if self.is_text else schema)
        return opened(meant) if self.ignores_others else meant


@dataclass(frozen=True)
class JudgedDifference:
    """A difference, whether it breaks readers after all, and a value that shows it."""

    difference: Difference
    compatible: bool
    counterexample: Any = NO_VALUE


@dataclass(frozen=True)
class Judgement:
    """All differences, and whether every value is still understood."""

    differences: tuple[JudgedDifference, ...]
    answer: Answer
    reason: str = ""


def judge(writer: Side, reader: Side, reading: Reading, patience: Patience) -> Judgement:
    """Compare what is written with what is read."""
    if writer.is_written_like(reader):
        return Judgement((), Answer.YES)
    walk = Walk(reading.forgiven)
    found = walk.whole(writer, reader)
    if not any(_is_asserted(each) for each in found) and writer.says_the_same(reader):
        return Judgement(tuple(JudgedDifference(each, compatible=True) for each in found), Answer.YES)
    forgiving = forgiven(reader, [each for each in found if each.rule in reading.forgiven], walk.partners())
    return _Judge(writer, reader, reading, patience).judgement(found, forgiving)


class _Judge:
    def __init__(self, writer: Side, reader: Side, reading: Reading, patience: Patience) -> None:
        self._writer = writer
        self._reader = reader
        self._reading = reading
        self._patience = patience
        self._answers: dict[tuple[int, int], Containment] = {}

    def judgement(self, found: Sequence[Difference], forgiving: Schema) -> Judgement:
        """Return what is said of the differences; *forgiving* is what is read but for what is forgiven."""
        writer = with_meanings(self._writer.alone())
        whole = self._patience.ask(surely_contains, with_meanings(forgiving), writer)
        if whole.answer is not Answer.YES:
            whole = self._contained(self._writer, self._reader)
        if whole.answer is Answer.YES:
            judged = [self._though_contained(each) for each in found]
        else:
            judged = [self._by_itself(each) for each in found[:_MOST_JUDGED]]
            judged += [JudgedDifference(each, each.compatible) for each in found[_MOST_JUDGED:]]
        if whole.answer is Answer.NO and all(each.compatible for each in judged):
            judged = self._blamed(judged, whole)
        answer = Answer.NO if any(not each.compatible for each in judged) else whole.answer
        return Judgement(tuple(self._with_examples(judged, whole)), answer, whole.reason)

    def _contained(self, writer: Side, reader: Side) -> Containment:
        key = (id(writer.schema), id(reader.schema))
        if key not in self._answers:
            written, read = self._reading.written(writer.alone()), self._reading.read(reader.alone())
            self._answers[key] = self._patience.ask(contains, read, written)
        return self._answers[key]

    def _though_contained(self, difference: Difference) -> JudgedDifference:
        """Judge a difference of schemas whose values are all understood."""
        if difference.rule in NOT_OF_VALUES:
            return JudgedDifference(difference, difference.compatible)
        if difference.rule in _CLOSING and self._reading.writes_declared and not self._reading.may_close:
            return self._closing(difference)
        return JudgedDifference(difference, compatible=True)

    def _closing(self, difference: Difference) -> JudgedDifference:
        """Judge that properties which were ignored are refused: somebody may have sent them."""
        declared = difference.old.keywords.get("properties", {})
        reader = dict(difference.new.keywords)
        reader["properties"] = {
            name: each if name in declared else True for name, each in reader.get("properties", {}).items()
        }
        reader["required"] = [name for name in reader.get("required", ()) if name in declared]
        found = self._patience.ask(
            contains,
            with_meanings(difference.new.with_schema(reader).alone()),
            with_meanings(difference.old.alone()),
        )
        return JudgedDifference(difference, found.answer is not Answer.NO, found.counterexample)

    def _by_itself(self, difference: Difference) -> JudgedDifference:
        """Judge a difference alone: what is written with what is read after this change and no other."""
        if difference.rule in NOT_OF_VALUES or not difference.is_judged or difference.compatible:
            return JudgedDifference(difference, difference.compatible)
        pair = isolated(difference)
        if pair is None:
            found = self._contained(difference.old, difference.new)
        else:
            found = self._patience.ask(contains, self._reading.read(pair[1]), self._reading.written(pair[0]))
        if found.answer is Answer.YES:
            return self._though_contained(difference)
        return JudgedDifference(difference, compatible=False, counterexample=found.counterexample)

    def _blamed(self, judged: list[JudgedDifference], whole: Containment) -> list[JudgedDifference]:
        """Return the differences, with those that break readers although their names do not say so."""
        blamed = [
            replace(each, compatible=False, counterexample=found.counterexample)
            for each in judged
            if each.difference.is_judged
            and _is_asserted(each.difference)
            and not (self._reading.is_lenient and each.difference.rule in self._reading.forgiven)
            and (found := self._contained(each.difference.old, each.difference.new)).answer is Answer.NO
        ]
        if blamed:
            rules = {id(each.difference): each for each in blamed}
            return [rules.get(id(each.difference), each) for each in judged]
        if self._reading.is_lenient and any(
            each.difference.rule in self._reading.forgiven for each in judged
        ):
            return judged  # lenient: what else the values show is what the policy ignores
        detail = "values that were accepted are refused"
        own = Difference(
            NOT_CONTAINED,
            compatible=False,
            old=self._writer,
            new=self._reader,
            keyword=None,
            details=(detail, detail),
        )
        return [*judged, JudgedDifference(own, compatible=False, counterexample=whole.counterexample)]

    def _with_examples(self, judged: list[JudgedDifference], whole: Containment) -> list[JudgedDifference]:
        """Return the differences; those that break readers with whole values that show it."""
        breaking = [each for each in judged if not each.compatible]
        if not breaking:
            return judged
        written, read = self._reading.written(self._writer.alone()), self._reading.read(self._reader.alone())
        found: dict[int, Any] = {}
        if is_light(written, read):  # validators are not asked here about what may take long
            examples = Examples(written, read)
            found = {
                id(each): examples.around(each.counterexample, each.difference.path, whole.counterexample)
                for each in breaking
            }
        if all(value is NO_VALUE for value in found.values()):
            found[id(breaking[0])] = whole.counterexample
        return [replace(each, counterexample=found.get(id(each), NO_VALUE)) for each in judged]


def _is_asserted(difference: Difference) -> bool:
    """Whether a difference may be one of values: a title is none."""
    return difference.keyword not in ANNOTATIONS
