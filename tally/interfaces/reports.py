"""What came of checking an implementation, or a pair of interfaces."""

from enum import Enum

from tally.values import dataclass


class Severity(Enum):
    """Whether a finding breaks the contract, or only says what nothing is known about."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class InterfaceFinding:
    """One thing that is not as the contract says, or that could not be checked.

    *code* is short and stable; *operation* is the method; *text* says what is wrong, and what was expected.
    """

    code: str
    operation: str
    text: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        return f"{self.severity.value}: {self.text}"


@dataclass(frozen=True)
class InterfaceReport:
    """What was found. *checked* are the operations whose signatures were looked at, *called* the examples."""

    subject: str
    findings: tuple[InterfaceFinding, ...]
    checked: tuple[str, ...] = ()
    called: tuple[str, ...] = ()

    @property
    def errors(self) -> tuple[InterfaceFinding, ...]:
        """What breaks the contract."""
        return tuple(each for each in self.findings if each.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[InterfaceFinding, ...]:
        """What could not be checked."""
        return tuple(each for each in self.findings if each.severity is Severity.WARNING)

    @property
    def passed(self) -> bool:
        """Whether nothing breaks the contract; the warnings say what was not checked."""
        return not self.errors

    def __str__(self) -> str:
        """Return the report for people."""
        verdict = "keeps the contract" if self.passed else "does not keep the contract"
        checked, called = len(self.checked), len(self.called)
        summary = (
            f"{self.subject} {verdict}: {checked} operation{'s' * (checked != 1)} looked at, "
            f"{called} example{'s' * (called != 1)} called"
        )
        return "\n".join([summary, *(f"- {each}" for each in self.findings)])
