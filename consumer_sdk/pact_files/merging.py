"""What a pact file will hold: what was recorded, and what of the file that is there stays."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from consumer_sdk.errors import ConflictError
from consumer_sdk.pact_files.conflicts import OWN_KEYS, OWN_KEYS_OF_PARTS, refuse_conflict
from consumer_sdk.pact_files.pact_file import PactFile
from consumer_sdk.pact_files.recording import SPECIFICATIONS, Pair, Recording
from consumer_sdk.pact_files.recordings import Recorded, order
from consumer_sdk.pact_files.upgrading import is_version, upgraded
from tally.errors import UsageError

Sources = Mapping[str, str]
"""Where earlier runs recorded interactions, by their identity."""


def nothing_is_known(_: Pair) -> Sources:
    """Say that no earlier run is known."""
    return {}


@dataclass(frozen=True)
class Policy:
    """What becomes of a file that is there.

    With *replace* it counts as if it were not there. With *merge* all of it is kept, and what contradicts it
    is refused. Otherwise *reason_to_keep* says why a pair keeps what this run did not record, or None.
    """

    replace: bool = False
    merge: bool = False
    reason_to_keep: Callable[[Pair], str | None] = field(default=lambda _: None)
    sources: Callable[[Pair], Sources] = field(default=nothing_is_known)


@dataclass(frozen=True)
class NewPact:
    """A document to be written; *kept* and *dropped* name what the file had and this run did not record."""

    document: dict[str, Any]
    count: int
    kept: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    reason: str | None = None


def combine(recorded: Sequence[Recorded], existing: PactFile | None, policy: Policy) -> NewPact:
    """Return what the file of one pair will hold.

    Raises ConflictError when the file and the run contradict each other (with *merge*), and UsageError when
    one file cannot hold both.
    """
    new = [each.recording for each in recorded]
    old = existing.recordings() if existing else []
    rest = _without(old, new)
    if existing is None or policy.replace:
        return NewPact(_document(new, {}), len(new), dropped=_names(rest))
    reason = "" if policy.merge else policy.reason_to_keep(new[0].pair) if rest else None
    if reason is None or not old:
        document = _document(_with_keys_of_others(new, old), existing.document)
        return NewPact(document, len(new), dropped=_names(rest))
    old = _recordings_as(existing, new[0], rest)
    if policy.merge:
        _refuse_conflicts(old, new, policy.sources(new[0].pair))
    rest = _without(old, new)
    refuse_mixture([*new, *rest])
    content = sorted([*_with_keys_of_others(new, old), *rest], key=order)
    return NewPact(_document(content, existing.document), len(content), kept=_names(rest), reason=reason)


def _without(old: Sequence[Recording], new: Sequence[Recording]) -> list[Recording]:
    identities = {recording.identity for recording in new}
    return [recording for recording in old if recording.identity not in identities]


def _names(recordings: Sequence[Recording]) -> tuple[str, ...]:
    return tuple(recording.name for recording in recordings)


def refuse_mixture(recordings: Sequence[Recording]) -> None:
    """Raise ConflictError when they cannot be in one file."""
    first = recordings[0]
    for other in recordings:
        if (other.specification, other.kind) != (first.specification, first.kind):
            raise ConflictError(
                f"The pact between {first.consumer} and {first.provider} mixes what one file cannot hold:\n"
                f"  {first.name} ({first.specification}, {first.kind}) by {first.place}\n"
                f"  {other.name} ({other.specification}, {other.kind}) by {other.place}\n"
                "Use one version of the specification; V3 has no file with both requests and messages."
            )


def _recordings_as(existing: PactFile, new: Recording, rest: Sequence[Recording]) -> list[Recording]:
    """Return the interactions of a file in the version of what is recorded; *rest* are those to be kept."""
    if existing.specification == new.specification:
        return existing.recordings()
    if existing.specification > new.specification:
        raise UsageError(_is_newer(existing, new, rest or existing.recordings()))
    try:
        document = upgraded(existing.document, SPECIFICATIONS[new.specification])
    except UsageError as error:
        raise UsageError(
            f"{existing.path} is of version {existing.specification[1:]} of the specification, and this run "
            f"records {new.specification}: {error}. Record all of it again (pytest --pact-replace), or give "
            f'specification="{existing.specification}" in the tests.'
        ) from error
    return replace(existing, specification=new.specification, document=document).recordings()


def _is_newer(existing: PactFile, new: Recording, kept: Sequence[Recording]) -> str:
    return (
        f"{existing.path} is of version {existing.specification[1:]} of the specification, which can "
        f"say more than {new.specification}, and this run would have to write into it:\n"
        f"  {kept[0].name} ({existing.specification}) is in the file\n"
        f"  {new.name} ({new.specification}) by {new.place}\n"
        f'Give specification="{existing.specification}" in the tests, or record all of it again '
        "(pytest --pact-replace)."
    )


def _refuse_conflicts(old: Sequence[Recording], new: Sequence[Recording], sources: Sources) -> None:
    known = {recording.identity: recording for recording in new}
    for recording in old:
        if recording.identity in known:
            place = sources.get(recording.identity)
            source = f"{recording.source}, from {place}" if place else recording.source
            refuse_conflict(replace(recording, source=source), known[recording.identity], is_of_file=True)


def _with_keys_of_others(new: Sequence[Recording], old: Sequence[Recording]) -> list[Recording]:
    """Return what was recorded, with the keys that other tools have given it in the file."""
    known = {recording.identity: recording.interaction for recording in old}
    return [
        replace(each, interaction=_joined(known[each.identity], each.interaction))
        if each.identity in known
        else each
        for each in new
    ]


def _joined(there: Mapping[str, Any], recorded: Mapping[str, Any]) -> dict[str, Any]:
    found = {**recorded, **{key: there[key] for key in there if key not in OWN_KEYS and key not in recorded}}
    for side in ("request", "response"):
        was, now = there.get(side), recorded.get(side)
        if isinstance(was, dict) and isinstance(now, dict):
            found[side] = {
                **now,
                **{key: was[key] for key in was if key not in OWN_KEYS_OF_PARTS | now.keys()},
            }
    return found


def _document(recordings: Sequence[Recording], there: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document, with what other tools have added to the one that is *there*."""
    first = recordings[0]
    own = {
        "consumer": {**_others(there.get("consumer")), "name": first.consumer},
        "provider": {**_others(there.get("provider")), "name": first.provider},
        first.kind: [dict(recording.interaction) for recording in recordings],
    }
    others = {
        key: item for key, item in there.items() if key not in {*own, "interactions", "messages", "metadata"}
    }
    metadata = {key: item for key, item in _others(there.get("metadata")).items() if not is_version(key)}
    version = {"pactSpecification": {"version": SPECIFICATIONS[first.specification]}}
    return {**own, "metadata": {**version, **metadata}, **others}


def _others(part: object) -> dict[str, Any]:
    return part if isinstance(part, dict) else {}
