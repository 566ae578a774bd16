"""A comparison of a pact with service contracts, for people."""

from collections.abc import Iterator

from tally.comparison.findings import (
    ComparedInteraction,
    Comparison,
    Finding,
    InteractionVerdict,
    Question,
    Severity,
    Verdict,
)

Line = tuple[str, str]
"""A text, and the kind of notice that it is."""

HEADINGS = ("INTERACTION", "VERDICT", "SEVERITY", "QUESTION", "CODE", "PACT")
_KINDS = {
    InteractionVerdict.OK: "success",
    InteractionVerdict.WARNING: "warning",
    InteractionVerdict.ERROR: "error",
}
_SUMMARIES = {
    Verdict.COMPATIBLE: ("they fit", "success"),
    Verdict.INCOMPATIBLE: ("they do not fit", "error"),
    Verdict.UNKNOWN: ("nobody can say whether they fit: something could not be compared", "warning"),
}


def as_text(comparison: Comparison, title: str) -> Iterator[Line]:
    """Yield the lines of a report: each interaction with what was found, and what follows from it."""
    for interaction in comparison.interactions:
        yield from _interaction(interaction)
    text, kind = _SUMMARIES[comparison.verdict]
    yield f"{title}: {text}", kind


def _interaction(interaction: ComparedInteraction) -> Iterator[Line]:
    verdict = "unknown" if interaction.is_unknown else interaction.verdict.value
    yield f"{interaction.description}: {verdict}", _KINDS[interaction.verdict]
    for finding in interaction.findings:
        if finding.severity is not Severity.INFO:
            yield from _finding(finding)


def _finding(finding: Finding) -> Iterator[Line]:
    kind = "error" if finding.severity is Severity.ERROR else "warning"
    what = finding.severity.value if finding.question is Question.POSSIBLE else "not guaranteed"
    yield f"  {what}: {finding.text}", kind
    where = f"{finding.document_name}#{finding.document}" if finding.document_name else finding.document
    places = [f"pact {finding.pact}", *([f"document {where}"] if where else [])]
    yield f"    {finding.code} ({', '.join(places)})", "info"


def as_rows(comparison: Comparison) -> list[tuple[str, ...]]:
    """Return one row for each finding, and one for each interaction without any."""
    rows: list[tuple[str, ...]] = []
    for interaction in comparison.interactions:
        begin = (interaction.description, interaction.verdict.value)
        rows += [
            (*begin, finding.severity.value, finding.question.value, finding.code, finding.pact)
            for finding in interaction.findings
        ] or [(*begin, "", "", "", interaction.pact)]
    return rows
