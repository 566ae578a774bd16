"""Which documents of two versions of a service contract are versions of each other."""

from collections.abc import Iterator, Mapping

from tally.assistants.answers import ToolError, listed, quoted
from tally.assistants.service_contracts.contract_choice import ChosenContract
from tally.assistants.sources.given import Given
from tally.values import dataclass


@dataclass(frozen=True)
class DocumentPair:
    """Two versions of a document, with their names; *version* is the old one's at the broker."""

    old_name: str
    new_name: str
    old: Given
    new: Given
    version: str | None


def document_pairs(
    before: ChosenContract, after: ChosenContract, document: str | None = None
) -> list[DocumentPair]:
    """Return the documents of the same name, or the only ones, or those that are called *document*.

    Raises ToolError when it cannot be told which belong together.
    """
    olds, news = _named(before, document), _named(after, document)
    there = {**before.documents, **after.documents}
    if document is not None and document not in there:
        raise ToolError(f"document: there is no document {quoted(document)}. There is {listed(there)}.")
    if len(olds) == len(news) == 1:
        names = [(next(iter(olds)), next(iter(news)))]
    else:
        names = [(name, name) for name in olds if name in news]
    if not names:
        raise ToolError(f"document: which one is meant? There are {listed([*olds, *news])}.")
    several = len(names) > 1
    return [
        DocumentPair(
            f"{before.name}: {old}" if several else before.name,
            f"{after.name}: {new}" if several else after.name,
            olds[old],
            news[new],
            before.version,
        )
        for old, new in names
    ]


def unpaired(before: ChosenContract, after: ChosenContract) -> Iterator[dict[str, str]]:
    """Yield the documents that only one of the versions has, and that are not compared for that reason."""
    if len(before.documents) == len(after.documents) == 1:
        return
    for one, other in ((before, after), (after, before)):
        for name in one.documents:
            if name not in other.documents:
                yield {"what": f"{one.name}: {name}", "why": f"{other.name} has no document of this name"}


def _named(contract: ChosenContract, document: str | None) -> Mapping[str, Given]:
    """Return the document of this name; a file or a text is the only one, whatever it is called."""
    if document is None or len(contract.documents) == 1:
        return contract.documents
    if document not in contract.documents:
        raise ToolError(
            f"document: {quoted(contract.name)} has no document {quoted(document)}. It has "
            f"{listed(contract.documents)}."
        )
    return {document: contract.documents[document]}
