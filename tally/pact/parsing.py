"""Pact files, V1 to V4, into values."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tally import json_text
from tally.errors import InvalidContractError
from tally.json_text import UnacceptableError
from tally.pact import known_keys
from tally.pact.http_parts import read_request, read_response
from tally.pact.json_fields import (
    as_object,
    object_at,
    objects_at,
    optional_text,
    refuse,
    required_object,
    required_text,
)
from tally.pact.message_parts import (
    read_message,
    read_v4_message,
    require_contents,
    require_v4_contents,
)
from tally.pact.model import (
    HttpInteraction,
    Interaction,
    Message,
    MessageInteraction,
    Pact,
    ProviderState,
    SynchronousMessageInteraction,
)

KNOWN_SPECIFICATIONS = ("1", "1.1", "2", "3", "4")
_UNSAID = "1.1.0"  # the oldest that still reads every later form that a file without a version may have


def load_pact(path: str | Path) -> Pact:
    """Read a pact file. Raises InvalidContractError, which names the file, when it is not a pact."""
    try:
        return parse_pact(pact_json(Path(path).read_bytes()))
    except OSError as error:
        raise InvalidContractError(f"{path}: cannot be read: {error.strerror}") from error
    except InvalidContractError as error:
        raise InvalidContractError(f"{path}: {error}") from error


def pact_json(content: bytes) -> Any:
    """Return what a pact file holds as JSON; raises InvalidContractError, which says where it is none."""
    try:
        return json_text.read_plainly(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InvalidContractError(f"is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InvalidContractError(f"is not valid JSON ({where}: {error.msg}); is it complete?") from error
    except UnacceptableError as error:  # a key that occurs twice, a number of hundreds of digits
        raise InvalidContractError(f"cannot be read: {error}") from error
    except ValueError as error:  # NaN
        raise InvalidContractError(f"is not valid JSON ({error})") from error
    except RecursionError as error:
        raise InvalidContractError("is nested too deeply to be a pact") from error


def parse_pact(document: object) -> Pact:
    """Return what a pact document says, whatever its version.

    Raises InvalidContractError, which names the place in the document.
    """
    pact = as_object(document, "")
    known_keys.DOCUMENT.check(pact, "")
    specification = specification_of(pact)
    read = _read_v4_interaction if specification.startswith("4") else _read_http_interaction
    interactions = [read(raw, place, specification) for raw, place in objects_at(pact, "interactions", "")]
    interactions += [_read_v3_message(raw, place) for raw, place in objects_at(pact, "messages", "")]
    if "interactions" not in pact and "messages" not in pact:
        refuse("interactions", "expected a list of interactions, but it is missing")
    return Pact(_name(pact, "consumer"), _name(pact, "provider"), tuple(interactions), specification, pact)


def _name(pact: dict[str, Any], party: str) -> str:
    name = required_text(as_object(pact.get(party), party), "name", party)
    return name if name.strip() else refuse(f"{party}.name", "expected a name, but it is empty")


def specification_of(pact: dict[str, Any]) -> str:
    """Return the version that the document declares, "1.1.0" when it declares none; refuse unknown ones."""
    metadata = object_at(pact, "metadata", "")
    declared = metadata.get("pactSpecificationVersion")
    place = "metadata.pactSpecificationVersion"
    for key in ("pactSpecification", "pact-specification"):
        if key in metadata:
            place = f"metadata.{key}.version"
            declared = object_at(metadata, key, "metadata").get("version")
    if declared is None:
        return _UNSAID
    version = str(declared)
    known = "1.1" if version.startswith("1.1") else version.partition(".")[0]
    if known not in KNOWN_SPECIFICATIONS:
        refuse(place, f'the version "{version}" is not known; known are {", ".join(KNOWN_SPECIFICATIONS)}')
    return version


def _common(raw: dict[str, Any], place: str) -> dict[str, Any]:
    """Return the fields that every kind of interaction has, by their names in `Interaction`."""
    identifier = raw.get("_id")
    plugins = object_at(raw, "pluginConfiguration", place)
    return {
        "description": required_text(raw, "description", place),
        "states": _states(raw, place),
        "id": None if identifier is None else str(identifier),
        "key": optional_text(raw, "key", place),
        "pending": raw.get("pending") is True,
        "comments": object_at(raw, "comments", place),
        "plugin": next(iter(plugins), None),
    }


def _states(raw: dict[str, Any], place: str) -> tuple[ProviderState, ...]:
    """Return the states of V3 and V4 (a list with parameters) or the one of V1 and V2 (a string)."""
    if isinstance(raw.get("providerStates"), list):
        return tuple(
            ProviderState(required_text(state, "name", state_place), object_at(state, "params", state_place))
            for state, state_place in objects_at(raw, "providerStates", place)
        )
    for key in ("providerStates", "providerState", "provider_state"):
        name = optional_text(raw, key, place)
        if name:
            return (ProviderState(name),)
    return ()


def _read_http_interaction(raw: dict[str, Any], place: str, specification: str) -> Interaction:
    known_keys.EXCHANGE.check(raw, place)
    return HttpInteraction(
        **_common(raw, place),
        request=read_request(raw, place, specification),
        response=read_response(raw, place, specification),
    )


def _read_v3_message(raw: dict[str, Any], place: str) -> Interaction:
    message = read_message(raw, place)
    require_contents(raw, place)
    return MessageInteraction(**_common(raw, place), message=message)


def _read_v4_message(raw: dict[str, Any], place: str, _: str) -> Interaction:
    message = read_v4_message(raw, place)
    require_v4_contents(raw, place)
    return MessageInteraction(**_common(raw, place), message=message)


def _read_v4_synchronous(raw: dict[str, Any], place: str, _: str) -> Interaction:
    known_keys.EXCHANGE.check(raw, place)
    request = required_object(raw, "request", place)
    if isinstance(raw.get("response"), dict):
        raw = {**raw, "response": [raw["response"]]}
    return SynchronousMessageInteraction(
        **_common(raw, place),
        request=read_v4_message(request, f"{place}.request"),
        responses=tuple(_read_reply(reply, at) for reply, at in objects_at(raw, "response", place)),
    )


def _read_reply(raw: dict[str, Any], place: str) -> Message:
    message = read_v4_message(raw, place)
    require_v4_contents(raw, place)
    return message


_V4_TYPES: dict[str, Callable[[dict[str, Any], str, str], Interaction]] = {
    "Synchronous/HTTP": _read_http_interaction,
    "Asynchronous/Messages": _read_v4_message,
    "Synchronous/Messages": _read_v4_synchronous,
}


def _read_v4_interaction(raw: dict[str, Any], place: str, specification: str) -> Interaction:
    # Some tools leave the type out for HTTP, the only kind that there was before.
    kind = "Synchronous/HTTP" if _is_untyped_http(raw) else required_text(raw, "type", place)
    if kind not in _V4_TYPES:
        refuse(f"{place}.type", f'the type "{kind}" is not known; known are {", ".join(_V4_TYPES)}')
    return _V4_TYPES[kind](raw, place, specification)


def _is_untyped_http(raw: dict[str, Any]) -> bool:
    request = raw.get("request")
    return "type" not in raw and isinstance(request, dict) and "method" in request
