"""How a document compares with those of its name that earlier versions have."""

from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from typing import Any

import orjson

from broker.domain.service_contracts.policy import DocumentPolicy
from tally.values import dataclass

MOST_TOLD = 10
"""How many changes a notice lists."""


class CompatibilityVerdict(Enum):
    """What is said of two versions of a document."""

    COMPATIBLE = "compatible"
    BREAKING = "breaking"
    BREAKING_BUT_UNUSED = "breaking-but-unused"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class EarlierDocument:
    """A document of an earlier version. *why* says which version that is: "in production", "on main"."""

    why: str
    version: str
    name: str
    id: int
    sha: str
    environment: str | None = None


@dataclass(frozen=True)
class Judgement:
    """What came of comparing two contents; *text* is JSON as `tally check-compatibility` prints it.

    One that *is_new* is not stored yet; one that is not *kept* is said once, and made again another time.
    """

    verdict: CompatibilityVerdict
    text: bytes
    is_new: bool = False
    kept: bool = True

    @property
    def document(self) -> dict[str, Any]:
        """What the text says."""
        found: dict[str, Any] = orjson.loads(self.text)
        return found

    @property
    def breaking(self) -> list[dict[str, Any]]:
        """The changes that break somebody."""
        return [change for change in self.document.get("changes", ()) if not change["compatible"]]


@dataclass(frozen=True)
class ComparedDocument:
    """A document, the earlier ones with one content, and what came of comparing the two."""

    name: str
    sha: str
    rules: DocumentPolicy
    earlier: tuple[EarlierDocument, ...]
    judgement: Judgement
    unused: Judgement | None = None
    """The judgement when nobody uses what has changed. That is so today only, and is not stored."""

    @property
    def shown(self) -> Judgement:
        """What is told of it, and decides."""
        return self.unused or self.judgement

    @property
    def where(self) -> str:
        """Which versions the earlier content is of."""
        return where(self.earlier)


@dataclass(frozen=True)
class LackingDocument:
    """A document that earlier versions have, and a new one has not."""

    name: str
    earlier: tuple[EarlierDocument, ...]


@dataclass(frozen=True)
class StoredCompatibility:
    """A comparison of two contents as it is stored."""

    pacticipant: str
    earlier: str
    later: str
    rules: DocumentPolicy
    judgement: Judgement
    created_at: datetime


@dataclass(frozen=True)
class EarlierVersion:
    """A version that has the earlier content, and an environment that it is in, if any."""

    number: str
    environment: str | None = None


@dataclass(frozen=True)
class ListedCompatibility:
    """A comparison of two contents in short. *versions* have the earlier one; empty when none is left."""

    document: str
    sha: str
    earlier_sha: str
    rules: DocumentPolicy
    verdict: CompatibilityVerdict
    created_at: datetime
    versions: tuple[EarlierVersion, ...]

    @property
    def is_compatible(self) -> bool:
        """Whether nobody is broken."""
        return self.verdict is CompatibilityVerdict.COMPATIBLE


def where(documents: Iterable[EarlierDocument]) -> str:
    """Return which versions earlier documents are of, as a part of a sentence."""
    return ", ".join(dict.fromkeys(f"{item.version} ({item.why})" for item in documents))


def unknown(reason: str) -> bytes:
    """Return what is told of two that could not be compared."""
    return orjson.dumps({"verdict": "unknown", "changes": [], "reasons": [reason]})
