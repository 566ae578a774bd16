"""What came of comparing a pact with a service contract, read from the findings as they are stored."""

from collections.abc import Sequence
from typing import Any

import orjson

from broker.domain.decisions.comparisons import StoredComparison
from tally.values import dataclass

_WORST_FIRST = ("error", "warning", "unknown")


@dataclass(frozen=True)
class Finding:
    """What does not fit, or is not promised; *pact* and *document* are JSON pointers, "" for none."""

    severity: str
    code: str
    text: str
    pact: str = ""
    document: str = ""
    document_name: str = ""


@dataclass(frozen=True)
class ComparedInteraction:
    """An interaction of the pact; *verdict* is the worst severity, or "compatible"."""

    description: str
    verdict: str
    findings: Sequence[Finding]


@dataclass(frozen=True)
class ComparisonFindings:
    """All findings, interaction by interaction, the worst first; *left_out* counts those not stored."""

    interactions: Sequence[ComparedInteraction]
    reason: str = ""
    left_out: int = 0

    @property
    def failed(self) -> int:
        """How many interactions do not fit."""
        return sum(item.verdict == "error" for item in self.interactions)


def findings_of(comparison: StoredComparison) -> ComparisonFindings:
    """Return what a comparison found, with what does not fit first."""
    written = orjson.loads(comparison.findings)
    found = [_interaction(item) for item in written.get("interactions", ())]
    return ComparisonFindings(
        sorted(found, key=lambda item: _place(item.verdict)),
        written.get("reason") or "",
        written.get("findingsLeftOut") or 0,
    )


def _interaction(item: dict[str, Any]) -> ComparedInteraction:
    findings = [_finding(each) for each in item.get("findings", ())]
    return ComparedInteraction(
        item["description"], item["verdict"], sorted(findings, key=lambda each: _place(each.severity))
    )


def _finding(each: dict[str, Any]) -> Finding:
    pact, document, name = (each.get(key) or "" for key in ("pact", "document", "documentName"))
    return Finding(each["severity"], each["code"], each["text"], pact, document, name)


def _place(severity: str) -> int:
    return _WORST_FIRST.index(severity) if severity in _WORST_FIRST else len(_WORST_FIRST)
