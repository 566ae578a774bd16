"""What a document does not promise, recorded as findings."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tally.comparison.findings import Question, Reason, Severity
from tally.comparison.guarantees import unmet
from tally.comparison.keys import key_of
from tally.comparison.places import Parts
from tally.comparison.recording import Recorder
from tally.comparison.schemas import CompiledSchema
from tally.comparison.unmet import Unmet
from tally.matching.paths import body_rules
from tally.pact import RuleSet
from tally.pact.path_expressions import format_path

MOST_REMEMBERED = 4096


def promised(value: Any, rules: Mapping[str, RuleSet], schema: CompiledSchema) -> tuple[Unmet, ...]:
    """Return what a consumer with this body and these rules relies on and the document does not promise.

    The same body again, as in the next version of a pact, is not looked at again.
    """
    key = key_of([value, rules])
    known = schema.unmet
    if key not in known:
        if len(known) >= MOST_REMEMBERED:
            known.clear()
        known[key] = unmet(value, body_rules(rules), schema.view)
    found: tuple[Unmet, ...] = known[key]
    return found


def without_wrong(found: Iterable[Unmet], wrong: Sequence[Parts]) -> Iterable[Unmet]:
    """Return what is not promised at places that are not *wrong* anyway."""
    if not wrong:
        return found
    return [each for each in found if not any(each.path[: len(path)] == path for path in wrong)]


def record_never(recorder: Recorder, found: Iterable[Unmet], pact: Parts, *, code: str) -> list[Unmet]:
    """Record as errors what no answer has, though the example could be one; return the others."""
    others = []
    for each in found:
        if each.never:
            text = f"No answer has what the consumer needs at {format_path(each.path)}: {each.text}."
            recorder.error(code, pact=(*pact, *each.path), document=each.document, text=text)
        else:
            others.append(each)
    return others


def record_unmet(
    recorder: Recorder, found: Iterable[Unmet], pact: Parts, *, code: str, header: str = ""
) -> None:
    """Record what is not promised in the body or *header* at *pact*."""
    for each in found:
        what = f'the header "{header}"' if header else format_path(each.path)
        text = f"The consumer relies on {what}: {each.text}."
        is_open = each.reason is Reason.UNPROVEN
        recorder.add(
            code,
            Severity.INFO if is_open else Severity.WARNING,
            pact=(*pact, *each.path),
            document=each.document,
            text=text,
            question=Question.GUARANTEED,
            reason=each.reason,
        )
