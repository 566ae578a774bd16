"""What is found about one interaction, while it is compared."""

from tally.comparison.findings import Finding, Question, Reason, Severity
from tally.comparison.places import PactPlaces, Parts


class Recorder:
    """Collects findings; *place* is that of the interaction in the pact."""

    def __init__(self, places: PactPlaces, place: Parts) -> None:
        self.places = places
        self.place = place
        self.findings: list[Finding] = []
        self.document_name: str | None = None
        self._known: set[tuple[str, str, str]] = set()

    def add(  # noqa: PLR0913 - a finding has these parts
        self,
        code: str,
        severity: Severity,
        *,
        pact: Parts,
        document: str,
        text: str,
        question: Question = Question.POSSIBLE,
        reason: Reason | None = None,
        unknown: bool = False,
    ) -> None:
        """Add one finding; *pact* is a place below the interaction."""
        pointer = self.places.pointer((*self.place, *pact))
        key = (code, pointer, text)
        if key in self._known:
            return
        self._known.add(key)
        finding = Finding(
            code, question, severity, pointer, document, text, reason, self.document_name, unknown
        )
        self.findings.append(finding)

    def error(self, code: str, *, pact: Parts, document: str, text: str) -> None:
        """Add what the provider or the consumer cannot do."""
        self.add(code, Severity.ERROR, pact=pact, document=document, text=text)

    def warn(self, code: str, *, pact: Parts, document: str, text: str) -> None:
        """Add what may be meant otherwise."""
        self.add(code, Severity.WARNING, pact=pact, document=document, text=text)

    def inform(self, code: str, *, pact: Parts, document: str, text: str) -> None:
        """Add what is good to know."""
        self.add(code, Severity.INFO, pact=pact, document=document, text=text)

    def unknown(self, code: str, text: str) -> None:
        """Add why nothing can be said about the interaction."""
        self.add(code, Severity.WARNING, pact=(), document="", text=text, unknown=True)
