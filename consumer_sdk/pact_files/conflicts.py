"""Two interactions with the same description and states: whether, and where, they differ."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import is_dataclass
from typing import Any

from consumer_sdk.errors import ConflictError
from consumer_sdk.pact_files.recording import SPECIFICATIONS, Recording
from tally import json_text
from tally.errors import InvalidContractError
from tally.pact import parse_pact

_NOTHING = "(nothing)"
_MOST_DIFFERENCES = 10
_LONGEST_VALUE = 300
OF_OTHER_TOOLS = ("_id", "key", "pluginConfiguration", "interactionMarkup", "transport")
"""Keys of the specification that no test declares: whoever wrote them is not contradicted by their lack."""
OWN_KEYS = frozenset(
    {
        "type",
        "description",
        "providerStates",
        "providerState",
        "provider_state",
        "request",
        "response",
        "contents",
        "metadata",
        "metaData",
        "matchingRules",
        "generators",
        "pending",
        "comments",
    }
)
"""Keys of an interaction that a test decides about, also by leaving them out."""
OWN_KEYS_OF_PARTS = frozenset(
    {
        "method",
        "path",
        "query",
        "headers",
        "body",
        "status",
        "contents",
        "metadata",
        "metaData",
        "matchingRules",
        "requestMatchingRules",
        "responseMatchingRules",
        "generators",
    }
)
"""Such keys of a request or a response."""


def refuse_conflict(first: Recording, second: Recording, *, is_of_file: bool = False) -> None:
    """Raise ConflictError, which shows both, when two recordings of one interaction differ.

    With *is_of_file*, the first stands in a pact file, where other tools may have added to it.
    """
    __tracebackhide__ = True
    one, other = dict(first.interaction), dict(second.interaction)
    if is_of_file:
        one, other = _own(one, other), _own(other, other)
    one["specification"], other["specification"] = first.specification, second.specification
    if _same(one, other) or (_meaning(first) == _meaning(second) is not None):
        return
    differences = list(_differences(one, other))
    shown = [f"  {line}" for line in differences[:_MOST_DIFFERENCES]]
    if len(differences) > len(shown):
        shown.append(f"  and {len(differences) - len(shown)} more differences")
    raise ConflictError(
        f"{second.name} is recorded twice, with different content:\n"
        f"  first by   {first.place}\n"
        f"  then by    {second.place}\n"
        + "\n".join(shown)
        + "\nGive one of them another description or other provider states, or make them equal."
    )


def _own(interaction: Mapping[str, Any], recorded: Mapping[str, Any]) -> dict[str, Any]:
    """Return an interaction without what the test that *recorded* it says nothing about."""
    found = {
        key: item
        for key, item in interaction.items()
        if key in OWN_KEYS or (key in recorded and key not in OF_OTHER_TOOLS)
    }
    for side in ("request", "response"):
        part, now = found.get(side), recorded.get(side)
        if isinstance(part, dict) and isinstance(now, dict):
            found[side] = {key: part[key] for key in part if key in OWN_KEYS_OF_PARTS or key in now}
    return found


def _meaning(recording: Recording) -> str | None:
    """Return what the interaction says, however it is written; None when it cannot be read."""
    document = {
        "consumer": {"name": recording.consumer},
        "provider": {"name": recording.provider},
        recording.kind: [{key: item for key, item in recording.interaction.items() if key in OWN_KEYS}],
        "metadata": {"pactSpecification": {"version": SPECIFICATIONS.get(recording.specification, "1.1.0")}},
    }
    try:
        pact = parse_pact(document)
    except InvalidContractError:
        return None
    return json.dumps([recording.specification, pact.interactions[0]], sort_keys=True, default=_as_json)


def _as_json(part: object) -> object:
    return vars(part) if is_dataclass(part) else repr(part)


def _differences(first: object, second: object, place: str = "") -> Iterator[str]:
    """Yield where, and how, two documents differ."""
    if _same(first, second):
        return
    pairs: Iterable[tuple[str, object, object]]
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        pairs = (
            (f"{place}.{key}".lstrip("."), first.get(key, _NOTHING), second.get(key, _NOTHING))
            for key in {**first, **second}
        )
    elif isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        pairs = (
            (f"{place}[{index}]", one, other)
            for index, (one, other) in enumerate(zip(first, second, strict=True))
        )
    else:
        yield f"{place}: {_shown(first)} or {_shown(second)}"
        return
    for name, one, other in pairs:
        yield from _differences(one, other, name)


def _same(first: object, second: object) -> bool:
    # In Python 1 equals 1.0 and True; in JSON they are three things.
    return json.dumps(first, sort_keys=True) == json.dumps(second, sort_keys=True)


def _shown(value: object) -> str:
    text = _NOTHING if value is _NOTHING else json_text.compact(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
