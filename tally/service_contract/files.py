"""Reading a service contract from files: JSON or YAML, with the files that it refers to put into it."""

import os
from collections import deque
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from tally.errors import InvalidContractError
from tally.hashing import parse_exactly
from tally.json_text import plain
from tally.service_contract.json_yaml import parse_yaml
from tally.service_contract.parsing import check_size
from tally.service_contract.references import map_references

MAX_BYTES = 20_000_000
BUNDLED = "x-contract-bundled"


def load_document(path: Path) -> dict[str, Any]:
    """Return the document in *path*, with every file that it refers to under `x-contract-bundled`.

    References are followed to files relative to the one that refers, never over the network.
    Raises InvalidContractError, which names the file.
    """
    document: dict[str, Any] = plain(load_as_written(path))
    return document


def load_as_written(path: Path) -> dict[str, Any]:
    """Return the document as `load_document` does; the numbers of JSON keep their digits, to be published."""
    document = load_any(path)
    if not isinstance(document, dict):
        raise InvalidContractError(f"{path}: a service contract is a mapping, not {_kind(document)}")
    return _Bundle(path).bundled(document)


class _Bundle:
    """The files of one contract, each named by its path relative to the first one's folder."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder = root.resolve().parent
        self._known = {self._name(root)}
        self._waiting: deque[tuple[str, Path]] = deque()

    def bundled(self, document: dict[str, Any]) -> dict[str, Any]:
        contract = dict(self._rewritten(document, self._root))
        files: dict[str, Any] = {}
        while self._waiting:
            name, path = self._waiting.popleft()
            files[name] = self._rewritten(load_any(path), path)
        if files:
            contract[BUNDLED] = {**contract.get(BUNDLED, {}), **files}
        check_size(contract)
        return contract

    def _rewritten(self, document: object, path: Path) -> Any:
        def local(reference: str, place: str) -> str:
            return self._local(reference, f"{path}: {place}", path)

        return map_references(document, local)

    def _local(self, reference: str, place: str, referrer: Path) -> str:
        """Return *reference* as one into the bundled document."""
        file, _, fragment = reference.partition("#")
        path = _relative_file(file, place, referrer) if file else referrer
        name = self._name(path)
        if name == self._name(self._root):
            return f"#{fragment}"
        if fragment and not fragment.startswith("/"):
            raise InvalidContractError(f"{place}/$ref: {reference!r}: write a JSON pointer after the '#'")
        if name not in self._known:
            if not path.is_file():
                raise InvalidContractError(f"{place}/$ref: there is no file {file!r} beside {referrer.name}")
            self._known.add(name)
            self._waiting.append((name, path))
        return f"#/{BUNDLED}/{quote(name.replace('~', '~0').replace('/', '~1'))}{fragment}"

    def _name(self, path: Path) -> str:
        return Path(os.path.relpath(path.resolve(), self._folder)).as_posix()


def _relative_file(file: str, place: str, referrer: Path) -> Path:
    url = urlsplit(file)
    if url.scheme or url.netloc or Path(unquote(url.path)).is_absolute():
        raise InvalidContractError(
            f"{place}/$ref: {file!r} is not a relative file. Nothing is fetched while a contract is read: "
            "save a copy beside it, and refer to that"
        )
    return referrer.parent / unquote(url.path)


def load_any(path: Path) -> Any:
    """Return the value in *path*, JSON or YAML, as it is written. Raises InvalidContractError: the file."""
    text = _read(path)
    try:
        document = parse_exactly(text) if text.lstrip()[:1] in {b"{", b"["} else parse_yaml(text)
        check_size(document)
    except InvalidContractError as error:
        raise InvalidContractError(f"{path}: {error}") from error
    return document


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InvalidContractError(f"{path}: larger than {MAX_BYTES // 1_000_000} MB")
        return path.read_bytes()
    except OSError as error:
        raise InvalidContractError(f"{path}: cannot be read ({error.strerror})") from error


def _kind(document: object) -> str:
    return {list: "a list", str: "a text", type(None): "empty"}.get(type(document), "a single value")
