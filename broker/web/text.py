"""Decisions as plain text, for people who look at the matrix with curl."""

from collections.abc import Sequence

from broker.domain.decisions.can_i_deploy import Decision
from broker.domain.decisions.evidence import Kind
from broker.domain.decisions.matrix import Row, Verdict

_HEADINGS = ("CONSUMER", "C_VERSION", "REVISION", "PROVIDER", "P_VERSION", "NUMBER", "SUCCESS", "")
_VERDICTS = {Verdict.SUCCESS: "true", Verdict.FAILED: "false", Verdict.UNKNOWN: ""}
_DEPLOYABLE = {True: "yes", False: "no", None: "unknown"}


def matrix(decision: Decision) -> str:
    """Return a table of the rows, and the decision with its reasons."""
    rows = [_cells(row) for row in decision.considered]
    rows += [(*_cells(row)[:-1], _remark(row, "ignored")) for row in decision.ignored]
    reasons = "\n".join(reason.text for reason in decision.reasons)
    return f"{table([_HEADINGS, *rows])}\n\nDeployable: {_DEPLOYABLE[decision.deployable]}\n\n{reasons}\n"


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.consumer,
        row.consumer_version.number,
        str(row.revision),
        row.provider,
        row.provider_version.number if row.provider_version else "",
        "" if row.result_number is None else str(row.result_number),
        _VERDICTS[row.verdict],
        _remark(row),
    )


def _remark(row: Row, *more: str) -> str:
    kinds = [] if row.kind is Kind.REPLAYED else [row.kind.value]
    return ", ".join([*kinds, *more])


def table(lines: Sequence[tuple[str, ...]]) -> str:
    """Return lines whose columns are under each other."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = (
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines
    )
    return "\n".join(line.rstrip() for line in padded)
