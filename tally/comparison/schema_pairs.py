"""Two schemas of one place, of a consumer and of a provider: whether they meet, or one contains the other."""

from typing import Any

from tally.comparison.closing import closed
from tally.comparison.findings import Question, Reason, Severity
from tally.comparison.places import Parts
from tally.comparison.polymorphism import with_discriminators
from tally.comparison.recording import Recorder
from tally.errors import InvalidContractError
from tally.json_schema.containment import NO_VALUE, Answer, contains, overlap
from tally.json_schema.schema import Schema
from tally.json_schema.validation import Validator
from tally.json_schema.values import valid_values
from tally.matching.mismatch import shown
from tally.values import dataclass

_SAMPLES = 50


@dataclass(frozen=True)
class Pair:
    """What a consumer says and what a provider says about *what*, and where each says it.

    *code* is that of what cannot be; *pact* is a place in the consumer's document, *document* a pointer in
    the provider's.
    """

    what: str
    code: str
    consumer: Schema
    provider: Schema
    pact: Parts
    document: str


def compare_sent(pair: Pair, recorder: Recorder) -> None:
    """Record whether the provider takes something, and everything, of what the consumer sends."""
    provider, consumer = with_discriminators(pair.provider), with_discriminators(pair.consumer)
    if overlap(provider, consumer) is Answer.NO:
        text = f"Nothing that the consumer sends as {pair.what} is what the provider takes."
        recorder.error(pair.code, pact=pair.pact, document=pair.document, text=text)
        return
    text = f"As {pair.what}, the consumer may send {{value}}, which the provider refuses."
    _record(
        pair, recorder, (provider, consumer), (pair.code.replace("incompatible", "wider-than-contract"), text)
    )


def compare_answered(pair: Pair, recorder: Recorder) -> None:
    """Record whether the consumer takes something, and everything, of what the provider answers."""
    provider, consumer = with_discriminators(pair.provider), with_discriminators(pair.consumer)
    if overlap(closed(provider), consumer) is Answer.NO:
        text = f"Nothing that the provider answers as {pair.what} is what the consumer needs."
        recorder.error(pair.code, pact=pair.pact, document=pair.document, text=text)
        return
    text = f"As {pair.what}, the provider may answer {{value}}, which is not what the consumer needs."
    code = pair.code.replace("incompatible", "not-guaranteed")
    _record(pair, recorder, (consumer, provider), (code, text))


def _record(pair: Pair, recorder: Recorder, schemas: tuple[Schema, Schema], words: tuple[str, str]) -> None:
    wide, narrow = schemas
    code, text = words
    answer = contains(wide, narrow)
    if answer.answer is Answer.YES:
        return
    value = answer.counterexample if answer.counterexample is not NO_VALUE else _refused(wide, narrow)
    is_proven = value is not NO_VALUE
    if not is_proven:
        text = f"It cannot be proven that all that one side writes as {pair.what} is what the other reads."
    recorder.add(
        code,
        Severity.WARNING if is_proven else Severity.INFO,
        pact=pair.pact,
        document=pair.document,
        text=text.format(value=shown(value)) if is_proven else text,
        question=Question.GUARANTEED,
        reason=_reason(wide, value) if is_proven else Reason.UNPROVEN,
    )


def _refused(wide: Schema, narrow: Schema) -> Any:
    """Return a value that *narrow* accepts and *wide* refuses, found by trying, or NO_VALUE."""
    try:
        accepts = Validator(wide).accepts
    except InvalidContractError:
        return NO_VALUE
    return next((value for value in valid_values(narrow, most=_SAMPLES) if not accepts(value)), NO_VALUE)


def _reason(wide: Schema, value: Any) -> Reason:
    problem = next(iter(Validator(wide).quick_problems(value)), None)
    if problem is not None and problem.keyword == "type" and _is_null(value, problem.parts):
        return Reason.MAY_BE_NULL
    return REASONS.get(problem.keyword, Reason.PATTERN) if problem else Reason.UNPROVEN


def _is_null(value: Any, parts: tuple[str | int, ...]) -> bool:
    for part in parts:
        value = value[part]
    return value is None


REASONS = {
    "enum": Reason.WIDER_ENUM,
    "const": Reason.WIDER_ENUM,
    "type": Reason.WIDER_TYPE,
    "required": Reason.MAY_BE_ABSENT,
    "minItems": Reason.MAY_BE_EMPTY,
    "minLength": Reason.MAY_BE_EMPTY,
    "minProperties": Reason.MAY_BE_EMPTY,
    "maxItems": Reason.LENGTH,
    "maxLength": Reason.LENGTH,
    "maxProperties": Reason.LENGTH,
    "additionalProperties": Reason.MAY_HAVE_MORE,
    "unevaluatedProperties": Reason.MAY_HAVE_MORE,
    "propertyNames": Reason.MAY_HAVE_MORE,
}
"""What it means that a value breaks a keyword."""
