"""Whether one schema takes all that another gives, as findings."""

from collections.abc import Iterator
from dataclasses import replace

from tally.interfaces.reports import InterfaceFinding, Severity
from tally.json_schema.schema import Schema


def judged(wide: Schema, narrow: Schema, finding: InterfaceFinding) -> Iterator[InterfaceFinding]:
    """Yield *finding*, with a value that shows it, when *wide* does not accept all that *narrow* accepts.

    Yield a warning when that cannot be found out.
    """
    from tally.json_schema.containment import NO_VALUE, Answer, contains  # noqa: PLC0415 - slow to import

    answer = contains(wide, narrow)
    if answer.answer is Answer.NO:
        such = "" if answer.counterexample is NO_VALUE else f", such as {answer.counterexample!r}"
        yield replace(finding, text=f"{finding.text}{such}")
    elif answer.answer is Answer.UNKNOWN:
        text = f"it is not known whether {finding.text}"
        yield InterfaceFinding("unknown", finding.operation, text, Severity.WARNING)
