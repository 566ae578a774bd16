"""How the contracts of a service are judged."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import Enum

from tally.compatibility.model import Mode
from tally.values import dataclass


class OnIncompatible(Enum):
    """What becomes of a publication that is incompatible with the version before."""

    WARN = "warn"
    REFUSE = "refuse"


class Evidence(Enum):
    """What shows that a version of a service keeps to its contract."""

    REPLAY = "replay"
    """A pact was replayed against it."""
    COMPARED = "compared"
    """The pact fits the document, and that document was verified against this version."""
    PROMISE = "promise"
    """The pact fits the document."""


NOT_COMPARED = "none"
MODES = (*(mode.value for mode in Mode), NOT_COMPARED)
"""How a version is compared with those before: as `tally.compatibility` does, or not at all."""


@dataclass(frozen=True)
class DocumentPolicy:
    """How a document is compared with the one of its name in an earlier version."""

    mode: str = Mode.SERVICE.value
    lenient: bool = False

    @property
    def is_compared(self) -> bool:
        """Whether it is compared at all."""
        return self.mode != NOT_COMPARED

    @property
    def is_transitive(self) -> bool:
        """Whether it is compared with those of all earlier versions, not only the last one."""
        return self.is_compared and Mode(self.mode).is_transitive


@dataclass(frozen=True)
class Policy:
    """How the contracts of a service are judged; *documents* has those with rules of their own, by name.

    *updated_at* is None when nobody has set it. Then these defaults hold, except for what was published
    before service contracts decided anything.
    """

    rules: DocumentPolicy = DocumentPolicy()
    incompatible: OnIncompatible = OnIncompatible.WARN
    evidence: Evidence = Evidence.COMPARED
    guaranteed: bool = False
    documents: Mapping[str, DocumentPolicy] = field(default_factory=dict)
    updated_at: datetime | None = None

    def rules_of(self, document: str) -> DocumentPolicy:
        """Return how the document with this name is compared."""
        return self.documents.get(document, self.rules)
