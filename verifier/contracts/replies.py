"""The replies to one synchronous message; a V4 pact may want several."""

from collections.abc import Iterator
from dataclasses import replace

from tally.matching import BodyMatchers, Mismatch, match_message
from tally.pact import Body, Message, Presence
from verifier.contents.bodies import content_as_json

Messages = tuple[Message, ...]


def match_messages(expected: Messages, actual: Messages, *, bodies: BodyMatchers) -> tuple[Mismatch, ...]:
    """Return every mismatch; several replies are compared in their order."""
    if len(expected) == len(actual) == 1:
        return match_message(expected[0], actual[0], bodies=bodies)
    return tuple(_mismatches(expected, actual, bodies))


def _mismatches(expected: Messages, actual: Messages, bodies: BodyMatchers) -> Iterator[Mismatch]:
    wanted, got = len(expected), len(actual)
    if wanted != got:
        yield Mismatch("replies", "", wanted, got, f"Expected {wanted} replies, but got {got}")
    for index, (message, received) in enumerate(zip(expected, actual, strict=False)):
        for found in match_message(message, received, bodies=bodies):
            yield _in_reply(index, found)


def _in_reply(index: int, found: Mismatch) -> Mismatch:
    """Return the mismatch with the index of its reply in the path, as `as_one` numbers them."""
    in_body = found.kind.startswith("body")
    path = f"$[{index}].contents{found.path[1:]}" if in_body else f"[{index}].{found.path}"
    return replace(found, path=path, message=f"In reply {index + 1}: {found.message}")


def as_one(messages: Messages) -> Message:
    """Return several messages as one: [{"contents": …, "metadata": …}, …], as a provider sends them."""
    if len(messages) == 1:
        return messages[0]
    listed = [
        {"contents": content_as_json(message.body), "metadata": message.metadata} for message in messages
    ]
    return Message(Body(Presence.PRESENT, listed, "application/json"))
