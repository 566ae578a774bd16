"""The changes of a contract, as they are found."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tally.compatibility.comparing import PlaceOf, compared, readings
from tally.compatibility.judged import Reading
from tally.compatibility.model import Change, Flow, Rules
from tally.compatibility.sides import Document
from tally.json_schema.pointers import pointer
from tally.json_schema.schema import Schema
from tally.usage.places import Place


@dataclass(frozen=True)
class Written:
    """A schema of a document, and the pointer of where it is."""

    schema: Schema
    pointer: str

    @staticmethod
    def under(schema: Schema, place: str, *keys: str) -> "Written":
        """Return the schema that is under *keys* of what is at *place*."""
        return Written(schema, place + pointer(keys))


@dataclass
class Collector:
    """What was found between two documents. *rules* are those of the operation that is compared."""

    old: Document
    new: Document
    rules: Rules
    document: str = ""
    changes: list[Change] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

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

    def schemas(self, old: Written, new: Written, flow: Flow, place_of: PlaceOf) -> None:
        """Add the changes from one schema to the other."""
        sides = self.old.side(old.schema, old.pointer), self.new.side(new.schema, new.pointer)
        changes, reasons = compared(*sides, self.readings(flow), place_of, self.document)
        self.changes += changes
        self.reasons += reasons
