"""Reading a service contract from files: JSON or YAML, with the files that it refers to put into it."""

import os
import sys
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from tally.errors import InvalidContractError
from tally.hashing import parse_exactly
from tally.json_schema.drafts import Draft
from tally.json_schema.pointers import in_fragment
from tally.json_schema.resources import Resources
from tally.json_schema.vocabulary import BUNDLED
from tally.json_text import plain
from tally.service_contract.json_yaml import parse_yaml
from tally.service_contract.references import map_references, vocabulary_of
from tally.service_contract.size import check_size

MAX_BYTES = 20_000_000
STANDARD_INPUT = Path("-")


def load_document(path: Path, *, within: Sequence[Path] | None = None) -> dict[str, Any]:
    """Return the document in *path*, with every file that it refers to under `x-contract-bundled`.

    "-" is the standard input. References are followed to files relative to the one that refers, or to the
    current folder for the standard input, never over the network; and to none outside of the folders
    *within*, symbolic links resolved, when they are given. Raises InvalidContractError, which names the file.
    """
    document: dict[str, Any] = plain(load_as_written(path, within=within))
    return document


def load_as_written(path: Path, *, within: Sequence[Path] | None = None) -> dict[str, Any]:
    """Return the document as `load_document` does; the numbers of JSON keep their digits, to be published."""
    text = _read(path, MAX_BYTES)
    document = _parsed(text, path)
    if not isinstance(document, dict):
        raise InvalidContractError(f"{_called(path)}: a service contract is a mapping, not {_kind(document)}")
    return _Bundle(path, document, MAX_BYTES - len(text), within).bundled()


def load_schema_or_document(path: Path, *, within: Sequence[Path] | None = None) -> Any:
    """Return what `load_document` does, or true or false: those are JSON Schemas as well."""
    text = _read(path, MAX_BYTES)
    document = _parsed(text, path)
    if isinstance(document, bool):
        return document
    if not isinstance(document, dict):
        raise InvalidContractError(
            f"{_called(path)}: neither a service contract nor a JSON Schema: it is {_kind(document)}"
        )
    return plain(_Bundle(path, document, MAX_BYTES - len(text), within).bundled())


def load_any(path: Path) -> Any:
    """Return the value in *path*, JSON or YAML, as it is written. Raises InvalidContractError: the file."""
    return _parsed(_read(path, MAX_BYTES), path)


def is_file(path: Path) -> bool:
    """Whether there is a file; nowhere is one with a name that the system does not take."""
    try:
        return path.is_file()
    except OSError:
        return False


class _Bundle:
    """The files of one contract, each named by its path relative to the first one's folder.

    *left* is how many bytes the other files may have together, *within* are the folders that they may be in.
    """

    def __init__(
        self, root: Path, document: dict[str, Any], left: int, within: Sequence[Path] | None
    ) -> None:
        self._root = root
        self._folder = root.resolve().parent
        self._vocabulary = vocabulary_of(document)
        self._left = left
        self._within = within if within is None else [folder.resolve() for folder in within]
        self._files: dict[str, Any] = {self._name(root): document}
        self._waiting: deque[tuple[str, Path]] = deque()
        self._resources: dict[str, Resources] = {}

    def bundled(self) -> dict[str, Any]:
        contract = dict(self._rewritten(self._name(self._root), self._root))
        files: dict[str, Any] = {}
        while self._waiting:
            name, path = self._waiting.popleft()
            files[name] = self._rewritten(name, path)
        if files:
            contract[BUNDLED] = {**contract.get(BUNDLED, {}), **files}
        try:
            check_size(contract)
        except InvalidContractError as error:
            raise InvalidContractError(f"{_called(self._root)}: {error}") from error
        return contract

    def _rewritten(self, name: str, path: Path) -> Any:
        def local(reference: str, place: str) -> str:
            return self._local(reference, place, path)

        return map_references(self._files[name], local, self._vocabulary)

    def _local(self, reference: str, place: str, referrer: Path) -> str:
        """Return *reference* as one into the bundled document."""
        where = f"{_called(referrer)}: {place}"
        file, _, fragment = reference.partition("#")
        if file and self._leads_to_an_id(reference, place, referrer):
            return reference
        path = _relative_file(file, where, referrer) if file else referrer
        name = self._name(path)
        if name not in self._files:
            self._check_place(path, f"{where}/$ref: {file!r}")
            self._add(name, path, f"{where}/$ref: there is no file {file!r} beside {referrer.name}")
        if fragment and not fragment.startswith("/"):
            fragment = self._address(f"#{fragment}", name, where)
        if name == self._name(self._root):
            return f"#{fragment}"
        return f"#/{BUNDLED}/{in_fragment(name)}{fragment}"

    def _check_place(self, path: Path, called: str) -> None:
        """Raise InvalidContractError for a file that may not be read, whether it is there or not."""
        if self._within is not None and not any(map(path.resolve().is_relative_to, self._within)):
            raise InvalidContractError(
                f"{called} is outside of the folders that may be read: put a copy beside the contract"
            )

    def _add(self, name: str, path: Path, missing: str) -> None:
        if not is_file(path):
            raise InvalidContractError(missing)
        text = _read(path, self._left)
        self._left -= len(text)
        self._files[name] = _parsed(text, path)
        self._waiting.append((name, path))

    def _leads_to_an_id(self, reference: str, place: str, referrer: Path) -> bool:
        """Whether *reference* leads to a schema of the same file that has an `$id`."""
        resources = self._resources_of(self._name(referrer))
        try:
            resources.address(reference, resources.enclosing(place), place)
        except InvalidContractError:
            return False
        return True

    def _address(self, reference: str, name: str, place: str) -> str:
        """Return the pointer of an anchor, as the fragment of a URI."""
        resources = self._resources_of(name)
        return quote(resources.address(reference, resources.root, place))

    def _resources_of(self, name: str) -> Resources:
        if name not in self._resources:
            self._resources[name] = Resources(self._files[name], self._vocabulary, Draft.DRAFT_2020_12)
        return self._resources[name]

    def _name(self, path: Path) -> str:
        return Path(os.path.relpath(path.resolve(), self._folder)).as_posix()


def _relative_file(file: str, place: str, referrer: Path) -> Path:
    path = _path_of(file)
    if path is None:
        raise InvalidContractError(
            f"{place}/$ref: {file!r} is not a relative file. Nothing is fetched while a contract is read: "
            "save a copy beside it, and refer to that"
        )
    return referrer.parent / path


def _path_of(file: str) -> str | None:
    try:
        url = urlsplit(file)
    except ValueError:
        return None
    path = unquote(url.path)
    is_odd = url.scheme or url.netloc or "\0" in path or not path
    return None if is_odd or Path(path).is_absolute() else path


def _parsed(text: bytes, path: Path) -> Any:
    try:
        document = parse_exactly(text) if text.lstrip()[:1] in {b"{", b"["} else parse_yaml(text)
        check_size(document)
    except InvalidContractError as error:
        raise InvalidContractError(f"{_called(path)}: {error}") from error
    return document


def _read(path: Path, most: int) -> bytes:
    try:
        if path == STANDARD_INPUT:
            text = sys.stdin.buffer.read(most + 1)
        else:
            with path.open("rb") as file:
                text = file.read(most + 1)
    except OSError as error:
        raise InvalidContractError(f"{_called(path)}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise InvalidContractError(f"{_called(path)}: cannot be read ({error})") from error
    if len(text) > most:
        raise InvalidContractError(
            f"{_called(path)}: larger than {MAX_BYTES // 1_000_000} MB, with the files that it is read with"
        )
    return text


def _called(path: Path) -> str:
    return "the standard input" if path == STANDARD_INPUT else str(path)


def _kind(document: object) -> str:
    return {list: "a list", str: "a text", type(None): "empty"}.get(type(document), "a single value")
