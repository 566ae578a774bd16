"""An example that its own rules refuse is refused when it is declared: no provider could satisfy both."""

from typing import Any

from consumer_sdk.errors import DeclarationError
from tally.errors import InvalidContractError
from tally.matching import Mismatch, match_message, match_request, match_response
from tally.pact.http_parts import read_request, read_response
from tally.pact.message_parts import read_message, read_v4_message

_NUMBERS = {"V4": "4.0", "V3": "3.0.0", "V2": "2.0.0"}


def refuse_contradictions(part: str, document: dict[str, Any], specification: str) -> None:
    """Raise DeclarationError when the example in *document* breaks the rules beside it.

    *part* is "request" or "response", or how a message is called.
    """
    if "matchingRules" not in document:
        return
    try:
        found = _differences(part, document, specification)
    except InvalidContractError as error:
        raise DeclarationError(f"{part}: {error}.") from error
    if found:
        raise DeclarationError(f"{part}: the example breaks its own rule. {found[0].message}.")


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
