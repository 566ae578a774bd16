"""Collect what many tests record, in one process or several, and write it as pact files.

While the tests run, every interaction is one small file in a directory that the processes of the run share;
creating a file is atomic, so that no lock is needed. At the end of the run they become one file per pair.
"""

import json
import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any

from consumer_sdk.errors import ConflictError
from tally import json_text
from tally.errors import InvalidContractError, UsageError
from tally.json_text import UnacceptableError
from tally.pact import parse_pact

SPECIFICATIONS = {"V3": "3.0.0", "V4": "4.0"}
_UNSAFE = re.compile(r"[/\\:\x00-\x1f]")


@dataclass(frozen=True)
class Recording:
    """One interaction, as the pact file has it.

    *kind* is the list of the file that it belongs to: "interactions", or "messages" (V3 only).
    *source* is where it comes from, for messages to the user: a test, or a file.
    """

    consumer: str
    provider: str
    specification: str
    kind: str
    interaction: Mapping[str, Any]
    source: str

    @property
    def pair(self) -> tuple[str, str]:
        """Consumer and provider."""
        return self.consumer, self.provider

    @property
    def name(self) -> str:
        """The description and the states, for people."""
        states = " and ".join(state["name"] for state in _states(self.interaction))
        return f'"{self.interaction["description"]}"' + (f" given {states}" if states else "")

    @property
    def identity(self) -> str:
        """What must be unique: the pair, the description and the states with their parameters, hashed."""
        parts = [self.consumer, self.provider, self.interaction["description"], _states(self.interaction)]
        return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Recordings:
    """What one run of the tests records, kept in *directory*, which all processes of the run share."""

    directory: Path

    def add(self, recording: Recording) -> None:
        """Keep the recording; adding it again changes nothing.

        Raises ConflictError when the run has one with the same description and states, but other content.
        """
        __tracebackhide__ = True
        self.directory.mkdir(parents=True, exist_ok=True)
        target = self.directory / f"{recording.identity}.json"
        if not _create(target, json_text.compact(vars(recording))):
            _refuse_conflict(_read(target), recording)

    def keep(self, pact_dir: Path) -> None:
        """Add what the pact files in *pact_dir* have, as if this run had recorded it."""
        for path in sorted(pact_dir.glob("*.json")):
            for recording in _recordings_in(path):
                self.add(recording)

    def write(self, pact_dir: Path) -> dict[Path, int]:
        """Write one file per pair, replacing what is there; return how many interactions each has.

        The order of the interactions does not depend on the order of the tests.
        Raises ConflictError when a pair mixes what one file cannot hold; then nothing is written.
        """
        found = [_read(path) for path in self.directory.glob("*.json")]
        found.sort(key=lambda recording: (recording.pair, recording.name, recording.identity))
        documents: dict[Path, dict[str, Any]] = {}
        for (consumer, provider), group in groupby(found, key=lambda recording: recording.pair):
            path = pact_dir / file_name(consumer, provider)
            if path in documents:
                raise ConflictError(
                    f"Two pairs of names would both be written to {path}: rename one of them."
                )
            documents[path] = _document(tuple(group))
        return {path: _replace(path, document) for path, document in documents.items()}


def file_name(consumer: str, provider: str) -> str:
    """Return the name of the file for the pact of a pair."""
    return _UNSAFE.sub("_", f"{consumer}-{provider}") + ".json"


def _create(target: Path, text: str) -> bool:
    """Create the file with all of its text at once; return False when it exists already."""
    descriptor, draft = tempfile.mkstemp(dir=target.parent)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    try:
        os.link(draft, target)  # atomic, and unlike a rename it never replaces
    except FileExistsError:
        return False
    finally:
        Path(draft).unlink()
    return True


def _refuse_conflict(first: Recording, second: Recording) -> None:
    __tracebackhide__ = True
    place = _difference(_content(first), _content(second))
    if place is None:
        return
    raise ConflictError(
        f"{second.name} is recorded twice, with different content ({place}):\n"
        f"  first by   {first.source}\n"
        f"  then by    {second.source}\n"
        "Give one of them another description or other provider states, or make them equal."
    )


def _content(recording: Recording) -> dict[str, Any]:
    return {**recording.interaction, "specification": recording.specification}


def _difference(first: object, second: object, place: str = "") -> str | None:
    """Return where, and how, two documents differ first; None when they are equal."""
    if _same(first, second):
        return None
    if isinstance(first, dict) and isinstance(second, dict):
        pairs: Iterable[tuple[str, object, object]] = (
            (f"{place}.{key}".lstrip("."), first.get(key, "(nothing)"), second.get(key, "(nothing)"))
            for key in {**first, **second}
        )
    elif isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        pairs = (
            (f"{place}[{index}]", one, other)
            for index, (one, other) in enumerate(zip(first, second, strict=True))
        )
    else:
        return f"{place}: {json.dumps(first)} or {json.dumps(second)}"
    return next(filter(None, (_difference(one, other, name) for name, one, other in pairs)), None)


def _same(first: object, second: object) -> bool:
    # In Python 1 equals 1.0 and True; in JSON they are three things.
    return json.dumps(first, sort_keys=True) == json.dumps(second, sort_keys=True)


def _document(recordings: tuple[Recording, ...]) -> dict[str, Any]:
    first = recordings[0]
    for other in recordings:
        if (other.specification, other.kind) != (first.specification, first.kind):
            raise ConflictError(
                f"The pact between {first.consumer} and {first.provider} mixes what one file cannot hold:\n"
                f"  {first.name} ({first.specification}, {first.kind}) by {first.source}\n"
                f"  {other.name} ({other.specification}, {other.kind}) by {other.source}\n"
                "Use one version of the specification; V3 has no file with both requests and messages."
            )
    return {
        "consumer": {"name": first.consumer},
        "provider": {"name": first.provider},
        first.kind: [dict(recording.interaction) for recording in recordings],
        "metadata": {"pactSpecification": {"version": SPECIFICATIONS[first.specification]}},
    }


def _replace(path: Path, document: Mapping[str, Any]) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json_text.indented(document) + "\n", encoding="utf-8")
    draft.replace(path)
    return len(document.get("interactions") or document["messages"])


def _read(path: Path) -> Recording:
    return Recording(**json_text.read(path.read_text(encoding="utf-8")))


def _states(interaction: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the states of an interaction; older files have the name of one instead of a list."""
    states = interaction.get("providerStates") or []
    return states if isinstance(states, list) else [{"name": states}]


def _recordings_in(path: Path) -> list[Recording]:
    try:
        document = json_text.read(path.read_text(encoding="utf-8"))
        json_text.refuse_halves(document)
        pact = parse_pact(document)
        specification = next(
            name for name, number in SPECIFICATIONS.items() if number[0] == pact.specification[0]
        )
    except UnacceptableError as error:
        raise UsageError(f"{path}: {error}, so nothing can be merged: correct it.") from error
    except (ValueError, RecursionError, StopIteration, InvalidContractError) as error:
        reason = f" ({error})" if isinstance(error, InvalidContractError) else ""
        raise UsageError(
            f"{path} is no pact file of specification V3 or V4{reason}, so nothing can be merged: "
            "move it away."
        ) from error
    return [
        Recording(pact.consumer, pact.provider, specification, kind, interaction, source=str(path))
        for kind in ("interactions", "messages")
        for interaction in document.get(kind) or []
    ]
