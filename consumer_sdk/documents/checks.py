"""An example that its own rules refuse is refused when it is declared: no provider could satisfy both."""

from typing import Any

from consumer_sdk.errors import DeclarationError
from tally.errors import InvalidContractError
from tally.matching import Mismatch, match_message, match_request, match_response
from tally.pact.http_parts import read_request, read_response
from tally.pact.message_parts import read_message, read_v4_message

_CHECKED = frozenset(
    {
        "type",
        "equality",
        "integer",
        "decimal",
        "number",
        "boolean",
        "null",
        "date",
        "time",
        "datetime",
        "regex",
    }
)
_NUMBERS = {"V4": "4.0", "V3": "3.0.0", "V2": "2.0.0"}


def refuse_contradictions(part: str, document: dict[str, Any], specification: str) -> None:
    """Raise DeclarationError when the example in *document* breaks the rules beside it.

    *part* is "request" or "response", or how a message is called.
    """
    if "matchingRules" not in document or _are_single(document, specification):
        return
    try:
        found = _differences(part, document, specification)
    except InvalidContractError as error:
        raise DeclarationError(f"{part}: {error}.") from error
    if found:
        raise DeclarationError(f"{part}: the example breaks its own rule. {found[0].message}.")


def _are_single(document: dict[str, Any], specification: str) -> bool:
    """Whether each rule is the only one of a value of JSON, which its matcher has checked already."""
    rules, body = document["matchingRules"], document.get("body", document.get("contents"))
    content = body["content"] if specification == "V4" and body else body
    if specification == "V2" or isinstance(content, str) or "query" in rules or "header" in rules:
        return False
    groups = [
        group
        for category in rules.values()
        for group in ([category] if "matchers" in category else category.values())
    ]
    return all(len(group["matchers"]) == 1 and group["matchers"][0]["match"] in _CHECKED for group in groups)


def _differences(part: str, document: dict[str, Any], specification: str) -> tuple[Mismatch, ...]:
    if "method" in document:
        request = read_request({"request": document}, "", _NUMBERS[specification])
        return match_request(request, request)
    if "status" in document:
        response = read_response({"response": document}, "", _NUMBERS[specification])
        return match_response(response, response)
    read = read_v4_message if specification == "V4" else read_message
    message = read(document, part)
    return match_message(message, message)
