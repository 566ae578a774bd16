"""The changes of a contract, as they are found."""

from collections.abc import Sequence
from dataclasses import replace

from tally.compatibility.comparing import Comparing, PlaceOf, readings
from tally.compatibility.judged import Reading
from tally.compatibility.model import Change, Flow, Rules
from tally.compatibility.sides import Document
from tally.json_schema.schema import Schema
from tally.usage.places import Place
from tally.values import dataclass


@dataclass(frozen=True)
class Written:
    """A schema of a document, and the pointer of where it is."""

    schema: Schema
    pointer: str


class Collector:
    """What was found between two documents. *rules* and *document* are those of the operation at hand."""

    def __init__(self, old: Document, new: Document, rules: Rules) -> None:
        self._old = old
        self._new = new
        self._found = Comparing()
        self.rules = rules

    @property
    def document(self) -> str:
        """The name of the document that the operation is from."""
        return self._found.document

    @document.setter
    def document(self, name: str) -> None:
        self._found.document = name

    @property
    def changes(self) -> list[Change]:
        """The changes, in the order in which they were found."""
        return self._found.changes

    @property
    def reasons(self) -> list[str]:
        """What could not be decided."""
        return self._found.reasons

    def readings(self, flow: Flow) -> tuple[Reading, ...]:
        """Return how values of this flow get from one version to the other."""
        return readings(self.rules, flow)

    def breaks_when_removed(self, flow: Flow) -> bool:
        """Whether it breaks somebody when one of the things that may be written or sent is gone."""
        return any(reading.is_backward for reading in self.readings(flow))

    def breaks_when_added(self, flow: Flow) -> bool:
        """Whether it breaks somebody when there is one more of what may be written or sent."""
        return any(not reading.is_backward for reading in self.readings(flow))

    def note(  # noqa: PLR0913 - what a change consists of
        self, rule: str, flow: Flow, text: str, *, pointers: Sequence[str], place: Place, breaks: bool
    ) -> None:
        """Add a change; *pointers* are those in the old and the new document."""
        old, new = pointers
        self.changes.append(
            Change(rule, not breaks, old, new, flow, text, place=place, document=self.document)
        )

    def schemas(
        self, old: Written, new: Written, flow: Flow, place_of: PlaceOf, *, is_text: bool = False
    ) -> None:
        """Add the changes from one schema to the other; *is_text* says that 7 is sent as "7" is."""
        sides = self._old.side(old.schema, old.pointer), self._new.side(new.schema, new.pointer)
        how = tuple(replace(reading, is_text=is_text) for reading in self.readings(flow))
        self._found.schemas(*sides, how, place_of)
