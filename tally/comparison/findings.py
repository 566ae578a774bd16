"""What a comparison of a pact with a service contract found, as frozen values and as JSON."""

from collections.abc import Iterable
from dataclasses import replace
from enum import Enum
from typing import Any

from tally.values import dataclass


class Policy(Enum):
    """Which question decides: may the provider answer so, or must it always."""

    POSSIBLE = "possible"
    GUARANTEED = "guaranteed"


class Question(Enum):
    """What a finding answers: may it be so (possible), is it always so (guaranteed)."""

    POSSIBLE = "possible"
    GUARANTEED = "guaranteed"


class Severity(Enum):
    """How much a finding counts."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class InteractionVerdict(Enum):
    """The heaviest finding of an interaction."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


class Verdict(Enum):
    """Whether provider and consumer fit; UNKNOWN where something could not be compared."""

    COMPATIBLE = "compatible"
    INCOMPATIBLE = "incompatible"
    UNKNOWN = "unknown"


class Reason(Enum):
    """Why a provider that keeps its contract may still not give what the consumer relies on."""

    MAY_BE_ABSENT = "may-be-absent"
    MAY_BE_NULL = "may-be-null"
    WIDER_ENUM = "wider-enum"
    WIDER_TYPE = "wider-type"
    MAY_BE_EMPTY = "may-be-empty"
    LENGTH = "length"
    PATTERN = "pattern"
    MAY_HAVE_MORE = "may-have-more"
    UNPROVEN = "unproven"


@dataclass(frozen=True)
class Finding:
    """One thing that was found. *pact* and *document* are JSON pointers; *text* is one plain sentence.

    *document_name* tells the documents of a service version apart; None when there is only one. *unknown*
    says that because of it nothing can be said about the interaction.
    """

    code: str
    question: Question
    severity: Severity
    pact: str
    document: str
    text: str
    reason: Reason | None = None
    document_name: str | None = None
    unknown: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the finding as `tally compare --output json` prints it."""
        written = {
            "code": self.code,
            "question": self.question.value,
            "severity": self.severity.value,
            "pact": self.pact,
            "document": self.document,
            "text": self.text,
        }
        if self.reason is not None:
            written["reason"] = self.reason.value
        if self.document_name is not None:
            written["documentName"] = self.document_name
        return written


@dataclass(frozen=True)
class ComparedInteraction:
    """What was found about one interaction; *index* is its place in the pact, messages of V3 last.

    *pact* is its JSON pointer in the file.
    """

    index: int
    description: str
    findings: tuple[Finding, ...]
    policy: Policy = Policy.POSSIBLE
    pact: str = ""

    @property
    def verdict(self) -> InteractionVerdict:
        """The heaviest finding that counts under the policy."""
        counted = {finding.severity for finding in self.findings if _counts(finding, self.policy)}
        if Severity.ERROR in counted:
            return InteractionVerdict.ERROR
        return InteractionVerdict.WARNING if Severity.WARNING in counted else InteractionVerdict.OK

    @property
    def is_unknown(self) -> bool:
        """Whether something about it could not be compared."""
        return any(finding.unknown for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        """Return the interaction as `tally compare --output json` prints it."""
        return {
            "index": self.index,
            "description": self.description,
            "verdict": self.verdict.value,
            "findings": [finding.as_json() for finding in self.findings],
        }


@dataclass(frozen=True)
class Comparison:
    """A pact compared with a service contract, interaction by interaction."""

    interactions: tuple[ComparedInteraction, ...]
    policy: Policy = Policy.POSSIBLE

    @property
    def verdict(self) -> Verdict:
        """Incompatible when one interaction is; unknown when one could not be compared, or there is none."""
        if any(interaction.verdict is InteractionVerdict.ERROR for interaction in self.interactions):
            return Verdict.INCOMPATIBLE
        if not self.interactions or any(interaction.is_unknown for interaction in self.interactions):
            return Verdict.UNKNOWN
        return Verdict.COMPATIBLE

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, in the order of the interactions."""
        return tuple(finding for interaction in self.interactions for finding in interaction.findings)

    def under(self, policy: Policy) -> "Comparison":
        """Return the same findings judged by another policy; nothing is compared again."""
        return Comparison(
            tuple(
                replace(interaction, findings=under_policy(interaction.findings, policy), policy=policy)
                for interaction in self.interactions
            ),
            policy,
        )

    def as_json(self) -> dict[str, Any]:
        """Return what `tally compare --output json` prints."""
        return {
            "verdict": self.verdict.value,
            "interactions": [interaction.as_json() for interaction in self.interactions],
        }


def under_policy(findings: Iterable[Finding], policy: Policy) -> tuple[Finding, ...]:
    """Return the findings with the severities that they have under a policy."""
    severity = Severity.ERROR if policy is Policy.GUARANTEED else Severity.WARNING
    return tuple(
        replace(finding, severity=severity)
        if finding.question is Question.GUARANTEED and finding.severity not in {Severity.INFO, severity}
        else finding
        for finding in findings
    )


def _counts(finding: Finding, policy: Policy) -> bool:
    return finding.question is Question.POSSIBLE or policy is Policy.GUARANTEED
