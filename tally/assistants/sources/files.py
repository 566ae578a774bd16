"""Pacts and service contracts of the user's machine: read once, and again when their files change."""

from collections.abc import Callable, Sequence
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tally.errors import InvalidContractError
from tally.values import dataclass

if TYPE_CHECKING:
    from tally.pact import Pact
    from tally.service_contract.model import ServiceContract

_State = tuple[tuple[int, int] | None, ...]
"""Time of the last change and size of each file that was read; None for one that is not there."""


@dataclass(frozen=True)
class PactFile:
    """A pact in *path*; *document* is what it holds, as JSON."""

    path: Path
    document: dict[str, Any]
    pact: "Pact"

    @property
    def consumer(self) -> str:
        """Name of the application that recorded it."""
        return self.pact.consumer

    @property
    def provider(self) -> str:
        """Name of the application that has to keep it."""
        return self.pact.provider


@dataclass(frozen=True)
class ServiceContractFile:
    """A service contract in *path*; *document* has the files that it refers to inside it."""

    path: Path
    document: dict[str, Any]
    contract: "ServiceContract"

    @property
    def service(self) -> str:
        """Name or title of the service, as the document says; "" when it does not."""
        return self.contract.service or ""


_Found = TypeVar("_Found", PactFile, ServiceContractFile)


@dataclass(frozen=True)
class Files:
    """Pact files or folders of them, and files of service contracts, as the user named them."""

    pact_paths: Sequence[Path] = ()
    contract_paths: Sequence[Path] = ()
    _read: dict[Path, tuple[_State, Any]] = field(default_factory=dict, repr=False, compare=False)

    def __bool__(self) -> bool:
        return bool(self.pact_paths or self.contract_paths)

    def pacts(self) -> list[PactFile]:
        """Return the pacts as they are now, each file once, in the order of their names.

        Raises InvalidContractError, which names the file, for one that cannot be read or is none, and for a
        folder without any.
        """
        paths = {path.resolve(): path for given in self.pact_paths for path in _pact_files(given)}
        return [self._fresh(path, _read_pact) for path in paths.values()]

    def service_contracts(self) -> list[ServiceContractFile]:
        """Return the service contracts as they are now. Raises InvalidContractError, which names the file."""
        paths = {path.resolve(): path for path in self.contract_paths}
        return [self._fresh(path, _read_service_contract) for path in paths.values()]

    def _fresh(self, path: Path, read: Callable[[Path], _Found]) -> _Found:
        known = self._read.get(path)
        if known and known[0] == _state(_files_of(known[1])):
            found: _Found = known[1]
            return found
        before = _state([path])
        found = read(path)
        # The state before reading: what changes meanwhile is read again.
        self._read[path] = (before + _state(_files_of(found)[1:]), found)
        return found


def _pact_files(given: Path) -> list[Path]:
    if not given.is_dir():
        return [given]
    found = sorted(given.glob("*.json"))
    if not found:
        raise InvalidContractError(f"{given}: has no *.json file, so that there are no pacts to answer from")
    return found


def _read_pact(path: Path) -> PactFile:
    from tally.pact import load_pact  # noqa: PLC0415 - not every server answers from files

    pact = load_pact(path)
    return PactFile(path, pact.document, pact)


def _read_service_contract(path: Path) -> ServiceContractFile:
    from tally.service_contract.files import load_document  # noqa: PLC0415 - slow to load, as above
    from tally.service_contract.json_schema_document import CHANNEL  # noqa: PLC0415 - ditto
    from tally.service_contract.parsing import names_its_language, parse_service_contract  # noqa: PLC0415 - ditto

    document = load_document(path, within=folders_of([path, Path.cwd()]))
    if {"consumer", "provider"} <= document.keys() and not names_its_language(document):
        raise InvalidContractError(f"{path}: is a pact, not a service contract: give it with --pacts")
    if not names_its_language(document) and CHANNEL not in document:
        raise InvalidContractError(
            f"{path}: is neither OpenAPI, AsyncAPI nor a native service contract. A JSON Schema of messages "
            f'says which channel they are on: "{CHANNEL}"'
        )
    try:
        return ServiceContractFile(path, document, parse_service_contract(document))
    except InvalidContractError as error:
        raise InvalidContractError(f"{path}: {error}") from error


def folders_of(paths: Sequence[Path]) -> list[Path]:
    """Return the folders that *paths* are, or are in, symbolic links resolved.

    Left out are those that hold all homes, or the user's own as a whole: no project is meant by these.
    """
    folders = [found if found.is_dir() else found.parent for found in (path.resolve() for path in paths)]
    try:
        home = Path.home().resolve()
    except RuntimeError:  # nobody's
        return folders
    return [folder for folder in folders if not home.is_relative_to(folder)]


def _files_of(found: PactFile | ServiceContractFile) -> list[Path]:
    """Return the file itself and those that it refers to."""
    if isinstance(found, PactFile):
        return [found.path]
    from tally.json_schema.vocabulary import BUNDLED  # noqa: PLC0415 - loaded already with the contract

    bundled = found.document.get(BUNDLED)
    names = [name for name in bundled if isinstance(name, str)] if isinstance(bundled, dict) else []
    return [found.path, *(found.path.resolve().parent / name for name in names)]


def _state(paths: Sequence[Path]) -> _State:
    return tuple(_state_of(path) for path in paths)


def _state_of(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size
