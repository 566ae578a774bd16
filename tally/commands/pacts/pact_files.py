"""Pact files on disk: find them, read the names in them, and join the files of one pair."""

import glob
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tally import json_text
from tally.errors import InvalidContractError, UsageError
from tally.hashing import compact_json
from tally.json_text import UnacceptableError
from tally.pact import parse_pact
from tally.pact.parsing import pact_json
from tally.values import dataclass

LISTS = ("interactions", "messages")
"""Where a pact keeps its interactions; "messages" up to version 3."""


@dataclass(frozen=True)
class PactFile:
    """A pact as it will be sent; *source* names the file or files that it comes from."""

    consumer: str
    provider: str
    content: bytes
    source: str


def find(arguments: Sequence[str]) -> tuple[Path, ...]:
    """Return the files that match file names, folders (their *.json) and glob patterns, each once.

    Raises UsageError naming an argument that matches nothing.
    """
    found: dict[Path, Path] = {}
    for argument in arguments:
        for path in _matches(argument):
            found.setdefault(path.resolve(), path)
    return tuple(found.values())


def read(paths: Iterable[Path]) -> tuple[PactFile, ...]:
    """Read every file; raises InvalidContractError that names each file which is not a pact.

    A pact only needs the names of its consumer and provider here: the broker checks the rest.
    """
    pacts, problems = [], []
    for path in paths:
        try:
            pacts.append(_read(path))
        except InvalidContractError as problem:
            problems.append(str(problem))
    if problems:
        raise InvalidContractError("\n".join(problems))
    return tuple(pacts)


def validate(pacts: Iterable[PactFile]) -> None:
    """Read every pact as a verifier would; raises InvalidContractError that names the file and the place."""
    for pact in pacts:
        try:
            parse_pact(pact_json(pact.content))
        except InvalidContractError as error:
            raise InvalidContractError(f"{pact.source}: {error}") from error


def join(pacts: Iterable[PactFile]) -> tuple[PactFile, ...]:
    """Join the pacts of each pair of consumer and provider into one, in the order of first appearance.

    The only file of a pair keeps its bytes. Raises InvalidContractError when two files contradict each other.
    """
    pairs: dict[tuple[str, str], list[PactFile]] = {}
    for pact in pacts:
        pairs.setdefault((pact.consumer, pact.provider), []).append(pact)
    return tuple(parts[0] if len(parts) == 1 else _joined(parts) for parts in pairs.values())


def _matches(argument: str) -> list[Path]:
    path = Path(argument)
    if path.is_file():
        return [path]
    if path.is_dir():
        matches = sorted(path.glob("*.json"))
    else:
        matches = sorted(Path(name) for name in glob.glob(argument, recursive=True) if Path(name).is_file())  # noqa: PTH207 - an absolute pattern, which Path.glob refuses
    if not matches:
        what = "has no *.json file" if path.is_dir() else "matches no file"
        raise UsageError(f"{argument} {what}: nothing was published.")
    return matches


def _read(path: Path) -> PactFile:
    try:
        content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
        document = json_text.read(content.decode())
    except OSError as error:
        raise InvalidContractError(f"{path} cannot be read: {error.strerror}") from error
    except UnacceptableError as error:
        raise InvalidContractError(f"{path} is not accepted: {error}") from error
    except ValueError as error:
        raise InvalidContractError(f"{path} is not JSON: {error}") from error
    except RecursionError as error:
        raise InvalidContractError(f"{path} is nested too deeply to be a pact.") from error
    names = {role: _name(document, role) for role in ("consumer", "provider")}
    for role, name in names.items():
        if not name:
            raise InvalidContractError(f'{path} is not a pact: it has no "{role}": {{"name": …}}.')
    return PactFile(names["consumer"], names["provider"], content, str(path))


def _name(document: object, role: str) -> str:
    participant = document.get(role) if isinstance(document, dict) else None
    name = participant.get("name") if isinstance(participant, dict) else None
    return name if isinstance(name, str) and name.strip() else ""


def _joined(parts: Sequence[PactFile]) -> PactFile:
    first = parts[0]
    document = json_text.read(first.content.decode())
    for part in parts[1:]:
        _add(document, json_text.read(part.content.decode()), part.source)
    source = ", ".join(part.source for part in parts)
    return PactFile(first.consumer, first.provider, compact_json(document), source)


def _add(document: dict[str, Any], other: dict[str, Any], source: str) -> None:
    if _specification(document) != _specification(other):
        raise InvalidContractError(
            f"{source} is written in version {_specification(other)} of the Pact specification, another file "
            f"of the same pair in {_specification(document)}: they cannot be joined."
        )
    for key in LISTS:
        if other.get(key):
            known = {_identity(interaction): interaction for interaction in document.setdefault(key, [])}
            document[key] += [new for new in other[key] if _is_new(new, known, source)]


def _is_new(interaction: dict[str, Any], known: dict[str, dict[str, Any]], source: str) -> bool:
    same = known.get(_identity(interaction))
    if same is not None and same != interaction:
        raise InvalidContractError(
            f"{source}: {interaction.get('description')!r} is described differently in another file of the "
            "same pair. Give one of them another description or provider state."
        )
    return same is None


def _identity(interaction: dict[str, Any]) -> str:
    """Return what tells interactions apart: kind, description and provider states."""
    keys = ("type", "description", "providerState", "provider_state", "providerStates")
    return json.dumps([interaction.get(key) for key in keys], sort_keys=True)


def _specification(document: dict[str, Any]) -> str:
    metadata = document.get("metadata") or {}
    specification = metadata.get("pactSpecification") or metadata.get("pact-specification") or {}
    return str(specification.get("version", "unknown"))
