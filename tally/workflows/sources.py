"""The documents that an Arazzo document refers to, read from files: service contracts, more workflows."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tally.errors import InvalidContractError
from tally.service_contract.files import load_document
from tally.service_contract.model import ServiceContract
from tally.service_contract.parsing import parse_service_contract
from tally.workflows.binding import BoundDocument, bound_operations, check_others
from tally.workflows.files import load_workflows
from tally.workflows.model import Source

ContractOf = Callable[[Source, Path], ServiceContract]
"""Returns the service contract of a source of the Arazzo document in a file."""
_MOST_DOCUMENTS = 100


def contract_of_source(source: Source, path: Path) -> ServiceContract:
    """Return the service contract of *source* of the document in *path*: from the file that it names.

    Raises InvalidContractError: nothing is ever fetched.
    """
    return load_contract(_local(source, path))


def load_contract(path: Path) -> ServiceContract:
    """Return the service contract in *path*; raises InvalidContractError, which names the file."""
    if not path.is_file():
        raise InvalidContractError(f"{path}: there is no such file")
    try:
        return parse_service_contract(load_document(path))
    except InvalidContractError as error:
        text = str(error)
        raise InvalidContractError(text if text.startswith(str(path)) else f"{path}: {text}") from error


def is_there(source: Source, path: Path) -> bool:
    """Whether the document of *source* is a file that exists."""
    try:
        return _local(source, path).is_file()
    except InvalidContractError:
        return False


def load_bound(path: Path, contract_of: ContractOf = contract_of_source) -> BoundDocument:
    """Return the Arazzo document in *path* with its operations, and those of further Arazzo documents.

    Raises InvalidContractError, which names the file and the place.
    """
    return _Loading(contract_of).bound(path)


class _Loading:
    def __init__(self, contract_of: ContractOf) -> None:
        self._contract_of = contract_of
        self._known: dict[Path, BoundDocument] = {}
        self._open: list[Path] = []

    def bound(self, path: Path) -> BoundDocument:
        key = path.resolve()
        if key in self._known:
            return self._known[key]
        if key in self._open or len(self._open) >= _MOST_DOCUMENTS:
            raise InvalidContractError(f"{path}: Arazzo documents refer to each other in a circle")
        self._open.append(key)
        document = load_workflows(path)
        others, contracts = {}, {}
        for source in document.sources:
            try:
                if source.type == "arazzo":
                    others[source.name] = self.bound(_local(source, path))
                else:
                    contracts[source.name] = self._contract_of(source, path)
            except InvalidContractError as error:
                raise InvalidContractError(f"{path}: {source.pointer}/url: {error}") from error
        try:
            operations = bound_operations(document, contracts)
            check_others(document, others)
        except InvalidContractError as error:
            raise InvalidContractError(f"{path}: {error}") from error
        self._open.pop()
        self._known[key] = BoundDocument(document, operations, others, str(path))
        return self._known[key]


def _local(source: Source, path: Path) -> Path:
    url = urlsplit(source.url)
    if url.scheme not in {"", "file"} or url.netloc:
        raise InvalidContractError(
            f"{source.url} is not fetched: save a copy of it and give --document {source.name}=FILE, or "
            "write the path of the copy here"
        )
    return path.parent / unquote(url.path)
