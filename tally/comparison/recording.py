"""What is found about one interaction, while it is compared."""

from collections.abc import Sequence
from typing import Protocol

from tally.comparison.findings import Finding, Question, Reason, Severity
from tally.comparison.places import PactPlaces, Parts
from tally.json_schema.pointers import pointer_parts


class Places(Protocol):
    """Knows the pointers in a file."""

    def pointer(self, parts: Sequence[str | int]) -> str:
        """Return the pointer of a place."""


class Recorder:
    """Collects findings; *place* is that of the interaction in the pact."""

    def __init__(self, places: Places, place: Parts) -> None:
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

    def below(self, pointer: str) -> Parts:
        """Return the place below the interaction that a pointer names; the interaction for any other."""
        parts = pointer_parts(pointer)
        return parts[len(self.place) :] if parts[: len(self.place)] == self.place else ()

    def unknown(self, code: str, text: str) -> None:
        """Add why nothing can be said about the interaction."""
        self.add(code, Severity.WARNING, pact=(), document="", text=text, unknown=True)


class PactRecorder(Recorder):
    """Collects findings about an interaction of a pact. All places are below the interaction."""

    def __init__(self, places: PactPlaces, place: Parts) -> None:
        super().__init__(places, place)
        self._file = places

    def body(self, part: Parts, key: str) -> Parts:
        """Return where the content of the body *key* of a part is."""
        return self._below(self._file.body((*self.place, *part), key))

    def first(self, *places: Parts) -> Parts:
        """Return the first place that the file has, or else the last one."""
        return self._below(self._file.first(*((*self.place, *place) for place in places)))

    def reply(self, index: int) -> Parts:
        """Return the place of a reply."""
        return self._file.reply(self.place, index)

    def metadata(self, part: Parts) -> Parts:
        """Return the place of the metadata of a message."""
        return self.first((*part, "metadata"), (*part, "metaData"))

    def _below(self, place: Parts) -> Parts:
        return place[len(self.place) :]
