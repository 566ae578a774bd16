"""What a document does not promise, recorded as findings."""

from collections.abc import Iterable, Sequence

from tally.comparison.findings import Question, Reason, Severity
from tally.comparison.guarantees import Unmet
from tally.comparison.places import Parts
from tally.comparison.recording import Recorder
from tally.pact.path_expressions import format_path


def record_unmet(
    recorder: Recorder, found: Iterable[Unmet], pact: Parts, *, code: str, wrong: Sequence[Parts] = ()
) -> None:
    """Record what is not promised in the body at *pact*; *wrong* are paths that are wrong anyway."""
    for each in found:
        if any(each.path[: len(path)] == path for path in wrong):
            continue
        text = f"The consumer relies on {format_path(each.path)}: {each.text}."
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
