"""Write pact files: all of them or none, each at once, and one run after the other."""

import errno
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from consumer_sdk.errors import ConflictError, UnwritableError
from consumer_sdk.pact_files.file_names import file_name, folded, in_words, refuse_shared_names
from consumer_sdk.pact_files.merging import NewPact, Policy, combine, refuse_mixture
from consumer_sdk.pact_files.pact_file import PactFile, read_pact_file
from consumer_sdk.pact_files.recording import Pair
from consumer_sdk.pact_files.recordings import Recorded, Recordings
from tally import json_text
from tally.errors import UsageError
from tally.locks import locked_directory

__all__ = ["Policy", "Written", "write"]
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(frozen=True)
class Written:
    """A file that was written.

    *kept* and *dropped* name the interactions that the file had and the run did not record, and *reason* says
    why they were kept.
    """

    pair: Pair
    path: Path
    count: int
    kept: tuple[str, ...]
    dropped: tuple[str, ...]
    reason: str | None
    recorded: tuple[Recorded, ...]


def write(recordings: Recordings, pact_dir: Path, policy: Policy) -> tuple[Written, ...]:
    """Write one file per pair of what was recorded.

    Raises a TallyError, and changes nothing, when one of them cannot be written.
    """
    pairs = {
        pair: tuple(group) for pair, group in groupby(recordings.all(), key=lambda each: each.recording.pair)
    }
    refuse_shared_names(pairs)
    for recorded in pairs.values():
        refuse_mixture([each.recording for each in recorded])
    if not pairs:
        return ()
    try:
        pact_dir.mkdir(parents=True, exist_ok=True)
        # Another run may write to the same files now, and may have written since this one began.
        with locked_directory(pact_dir):
            paths = _paths(pact_dir, pairs, policy)
            pacts = {pair: combine(pairs[pair], existing, policy) for pair, (_, existing) in paths.items()}
            _replace({paths[pair][0]: pact for pair, pact in pacts.items()})
    except OSError as error:
        raise UnwritableError(_unwritable(pact_dir, error)) from error
    return tuple(
        Written(pair, paths[pair][0], new.count, new.kept, new.dropped, new.reason, pairs[pair])
        for pair, new in pacts.items()
    )


def _paths(
    pact_dir: Path, pairs: Mapping[Pair, object], policy: Policy
) -> dict[Pair, tuple[Path, PactFile | None]]:
    """Return where each pact goes, and what is there; refuse a place that has the pact of another pair."""
    there = {folded(path.name): path for path in sorted(pact_dir.glob("*.json"))}
    found: dict[Pair, tuple[Path, PactFile | None]] = {}
    for pair in pairs:
        name = file_name(*pair)
        path = pact_dir / name
        if not path.exists():
            path = there.get(folded(name), path)
        existing = _existing(path, policy)
        if existing and existing.pair != pair:
            raise ConflictError(
                f"{path} holds the pact of {in_words(existing.pair)}, and the one of {in_words(pair)} would "
                "be written to the same file: rename one of them, move the file away, or write to another "
                "directory (pytest --pact-dir=DIR)."
            )
        found[pair] = path, existing
    return found


def _existing(path: Path, policy: Policy) -> PactFile | None:
    if not path.exists():
        return None
    try:
        return read_pact_file(path)
    except UsageError:
        if policy.replace:
            return None
        raise


def _replace(pacts: Mapping[Path, NewPact]) -> None:
    with _drafts() as drafts:
        for path, pact in pacts.items():
            text = json_text.indented(pact.document) + "\n"
            target = path.resolve()  # what a link leads to
            draft = target.with_name(f".tallystick-{os.getpid()}-{len(drafts)}")
            drafts[draft] = target
            with draft.open("wb") as file:
                file.write(text.encode())
                file.flush()
                os.fsync(file.fileno())
            if target.exists():
                shutil.copymode(target, draft)
        for draft, target in drafts.items():
            draft.replace(target)


@contextmanager
def _drafts() -> Iterator[dict[Path, Path]]:
    """Yield drafts, none of which is left in the end."""
    drafts: dict[Path, Path] = {}
    try:
        yield drafts
    finally:
        for draft in drafts:
            draft.unlink(missing_ok=True)


def _unwritable(pact_dir: Path, error: OSError) -> str:
    if error.errno in _FULL:
        remedy = "Make room there"
    elif error.errno in {errno.EEXIST, errno.ENOTDIR}:
        remedy = "A part of this path is a file: move it away"
    else:
        remedy = "Make it a directory that you may write to"
    return (
        f"The pacts cannot be written to {pact_dir}: {error.strerror}. Every file is as it was. {remedy}, "
        "or choose another directory (pytest --pact-dir=DIR)."
    )
