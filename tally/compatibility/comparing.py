"""Whether a schema, or what an operation says about one, may take the place of another."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import field, replace

from tally.compatibility.judged import JudgedDifference, Reading, judge
from tally.compatibility.model import Change, Compatibility, Flow, Mode, Rules, Verdict
from tally.compatibility.rules import opposite
from tally.compatibility.sides import Document, Side
from tally.compatibility.walk import Difference, Path
from tally.json_schema.answers import Answer
from tally.json_schema.containment import Patience
from tally.json_schema.schema import Schema
from tally.usage.places import Place
from tally.values import dataclass

PlaceOf = Callable[[Path], Place | None]
_TIMES_IN_VAIN = 1


def compare_schemas(old: Schema, new: Schema, rules: Rules, flow: Flow = Flow.BOTH) -> Compatibility:
    """Compare two versions of a self-contained schema; *flow* says who reads what it describes."""
    found = Comparing()
    found.schemas(Document("/$defs").side(old, ""), Document("/$defs").side(new, ""), readings(rules, flow))
    return amounting(found.changes, found.reasons)


def readings(rules: Rules, flow: Flow) -> tuple[Reading, ...]:
    """Return how values get from one version to the other, under *rules*."""
    mode, lenient = rules.mode.one_step, rules.lenient
    if mode is Mode.SERVICE:
        received = Reading(
            is_backward=True,
            writes_declared=True,
            ignores_others=lenient,
            may_close=lenient,
            is_lenient=lenient,
        )
        sent = Reading(
            is_backward=False, writes_declared=True, ignores_others=True, may_close=True, is_lenient=lenient
        )
        return {Flow.RECEIVED: (received,), Flow.SENT: (sent,), Flow.BOTH: (received, sent)}[flow]
    backward, forward = (
        Reading(
            is_backward=is_backward,
            writes_declared=lenient,
            ignores_others=lenient,
            may_close=lenient,
            is_lenient=lenient,
        )
        for is_backward in (True, False)
    )
    return {Mode.BACKWARD: (backward,), Mode.FORWARD: (forward,), Mode.FULL: (backward, forward)}[mode]


@dataclass
class Comparing:
    """Comparisons of schemas that belong together, with what was found.

    What cannot be decided in time is tried a few times in all, not for each schema.
    """

    document: str = ""
    changes: list[Change] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    _patience: Patience = field(default_factory=lambda: Patience(_TIMES_IN_VAIN))

    def schemas(
        self, old: Side, new: Side, how: Sequence[Reading], place_of: PlaceOf = lambda _: None
    ) -> None:
        """Add the changes from one schema to another, and what could not be decided."""
        found: list[Change] = []
        for reading in how:
            writer, reader = (old, new) if reading.is_backward else (new, old)
            judgement = judge(writer, reader, reading, self._patience)
            found += [
                replace(_change(each, place_of, is_backward=reading.is_backward), document=self.document)
                for each in judgement.differences
            ]
            if judgement.answer is Answer.UNKNOWN:
                self.reasons.append(f"{new.pointer or '/'}: {judgement.reason}")
        self.changes += merged(found)


def _change(judged: JudgedDifference, place_of: PlaceOf, *, is_backward: bool) -> Change:
    difference = judged.difference
    old, new = difference.pointers if is_backward else difference.pointers[::-1]
    return Change(
        rule=difference.rule if is_backward else opposite(difference.rule),
        compatible=judged.compatible,
        old=old,
        new=new,
        direction=Flow.RECEIVED if is_backward else Flow.SENT,
        text=difference.details[0 if is_backward else 1],
        counterexample=judged.counterexample,
        place=place_of(_felt_at(judged.difference, is_backward=is_backward)),
    )


def _felt_at(difference: Difference, *, is_backward: bool) -> Path:
    """Return the path of those who feel a difference: who has to send something new does not send it yet."""
    if is_backward and difference.rule.startswith("REQUIRED_"):
        return min(difference.path, difference.place, key=len)
    return difference.place


def merged(changes: Iterable[Change]) -> list[Change]:
    """Return each change once; those that are felt both ways are of both directions."""
    found: dict[tuple[object, ...], Change] = {}
    for change in changes:
        key = (change.rule, change.old, change.new, change.place, change.document)
        other = found.get(key)
        if other is None or other.direction is change.direction:
            found.setdefault(key, change)
        elif other.compatible == change.compatible:
            found[key] = replace(other, direction=Flow.BOTH)
        else:
            found[key] = change if other.compatible else other
    return list(found.values())


def amounting(changes: Sequence[Change], reasons: Sequence[str] = ()) -> Compatibility:
    """Return what *changes* amount to; *reasons* say what could not be decided."""
    if any(not change.compatible for change in changes):
        return Compatibility(Verdict.BREAKING, tuple(changes), tuple(reasons))
    verdict = Verdict.UNKNOWN if reasons else Verdict.COMPATIBLE
    return Compatibility(verdict, tuple(changes), tuple(reasons))
