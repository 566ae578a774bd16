"""Pacts as they are sent, and their contents as they are stored (reference §4.7, §5.5, §5.6)."""

from dataclasses import InitVar, dataclass, field  # noqa: TID251 - it has an InitVar
from typing import Any, Literal

from broker.domain.model import Pacticipant
from broker.domain.pacts import outline
from tally.hashing import content_hash, interaction_id, with_digits

Document = dict[str, Any] | list[Any]
OnConflict = Literal["overwrite", "merge"]
LISTS = outline.LISTS
"""The keys of a pact with what is verified."""
_ADDED_BY_A_BROKER = {"createdAt", "_links"}


@dataclass(frozen=True)
class Content:
    """A document as it is stored: *text* is JSON with an `_id` in every interaction and message."""

    sha: str
    text: bytes
    interactions: int
    messages: int
    digits: str | None = None
    """A hash of numbers that are written otherwise than usual, such as 2.300; *sha* covers their values."""
    outline: bytes | None = None
    """The interactions by their ids and names, as `broker.domain.pacts.outline` writes them.

    None for what is not stored from here: it is known already, or only assumed by a rehearsal.
    """


def content(document: Document) -> Content:
    """Return the content of a document, without what a broker adds to a pact that is downloaded."""
    if isinstance(document, list):
        text, digits = with_digits(document)
        return Content(content_hash(document), text, 0, 0, digits, outline.written(outline.Outline()))
    kept = {key: value for key, value in document.items() if key not in _ADDED_BY_A_BROKER}
    counts = {}
    for key in LISTS:
        items = kept.get(key)
        counts[key] = len(items) if isinstance(items, list) else 0
        if isinstance(items, list):
            kept[key] = [_with_id(item) for item in items]
    text, digits = with_digits(kept)
    return Content(
        content_hash(kept),
        text,
        counts["interactions"],
        counts["messages"],
        digits,
        outline.written(outline.outline_of(kept)),
    )


def _with_id(item: object) -> object:
    if not isinstance(item, dict) or "_id" in item:
        return item
    return {"_id": interaction_id(item), **item}


@dataclass(frozen=True)
class NewContract:
    """One pact of a publication. The parsed *document* is not kept, because it may be large."""

    consumer: str
    provider: str
    document: InitVar[Document]
    on_conflict: OnConflict = "overwrite"
    content: Content = field(init=False)

    def __post_init__(self, document: Document) -> None:
        """Hash the document now: later there is an open transaction, which others wait for."""
        object.__setattr__(self, "content", content(document))


@dataclass(frozen=True)
class StoredContent:
    """A content that was published for a provider, and its id.

    It *is_new* when it was stored for this. *has_usage* tells whether it is kept what it uses.
    """

    id: int
    provider: Pacticipant
    content: Content
    is_new: bool
    has_usage: bool


@dataclass(frozen=True)
class VersionWithPacts:
    """A publication: a consumer version with its pacts."""

    pacticipant: str
    version: str
    contracts: tuple[NewContract, ...]
    branch: str | None = None
    tags: tuple[str, ...] = ()
    build_url: str | None = None
