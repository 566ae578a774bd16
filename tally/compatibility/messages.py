"""What changed in the messages that a service sends or receives."""

from collections.abc import Sequence
from dataclasses import replace

from tally.compatibility.collecting import Collector, Written
from tally.compatibility.model import Flow
from tally.compatibility.promises import compare_promises
from tally.pact.bodies import media_type
from tally.service_contract.model import Direction, Message, MessageOperation
from tally.usage.places import Part, Place

FLOWS = {Direction.SENT: Flow.SENT, Direction.RECEIVED: Flow.RECEIVED, Direction.BOTH: Flow.BOTH}
_REPLIES = {Flow.SENT: Flow.RECEIVED, Flow.RECEIVED: Flow.SENT, Flow.BOTH: Flow.BOTH}


def compare_messages(found: Collector, old: MessageOperation, new: MessageOperation) -> None:
    """Add what changed from one operation to the other to *found*."""
    flow = FLOWS[old.direction]
    _Messages(found, old, new, Part.PAYLOAD, flow).compare(old.messages, new.messages)
    if old.replies or new.replies:
        _Messages(found, old, new, Part.REPLY, _REPLIES[flow]).compare(old.replies, new.replies)
    if old.reply_channel != new.reply_channel:
        found.note(
            "REPLY_CHANNEL_CHANGED",
            _REPLIES[flow],
            f"replies were on {old.reply_channel or 'no channel'} and are on {new.reply_channel or 'none'}",
            pointers=(old.pointer, new.pointer),
            place=Place(old.title, Part.REPLY, path=()),
            breaks=True,
        )
    after = {parameter.name: parameter for parameter in new.parameters}
    for parameter in old.parameters:
        if parameter.name in after:
            other = after[parameter.name]
            found.schemas(
                Written(parameter.schema, parameter.schema_pointer),
                Written(other.schema, other.schema_pointer),
                flow,
                lambda _: Place(old.title),
            )
    compare_promises(found, old, new)


class _Messages:
    def __init__(
        self, found: Collector, old: MessageOperation, new: MessageOperation, part: Part, flow: Flow
    ) -> None:
        self._found = found
        self._old = old
        self._new = new
        self._place = Place(old.title, part, path=())
        self._flow = flow

    def compare(self, before: Sequence[Message], after: Sequence[Message]) -> None:
        pairs = _paired(before, after)
        for one, other in pairs:
            self._message(one, other)
        for message in before:
            if not any(message is one for one, _ in pairs):
                self._note("REMOVED", message, breaks=self._found.breaks_when_removed(self._flow))
        for message in after:
            if not any(message is other for _, other in pairs):
                self._note("ADDED", message, breaks=self._found.breaks_when_added(self._flow))

    def _note(self, what: str, message: Message, *, breaks: bool) -> None:
        is_added = what == "ADDED"
        self._found.note(
            f"MESSAGE_{what}",
            self._flow,
            f"the message {message.name!r} was {what.lower()}",
            pointers=(self._old.pointer, message.pointer)
            if is_added
            else (message.pointer, self._new.pointer),
            place=self._place,
            breaks=breaks,
        )

    def _message(self, old: Message, new: Message) -> None:
        if _type(old) != _type(new):
            self._found.note(
                "MESSAGE_CONTENT_TYPE_CHANGED",
                self._flow,
                f"the message was {old.content_type} and is {new.content_type}",
                pointers=(old.pointer, new.pointer),
                place=self._place,
                breaks=True,
            )
        self._found.schemas(
            Written(old.payload, old.payload_pointer),
            Written(new.payload, new.payload_pointer),
            self._flow,
            lambda path: replace(self._place, path=path),
        )
        self._found.schemas(
            Written(old.headers, old.headers_pointer),
            Written(new.headers, new.headers_pointer),
            self._flow,
            lambda _: self._place,
        )


def _paired(before: Sequence[Message], after: Sequence[Message]) -> list[tuple[Message, Message]]:
    """Return which message became which: by name; the only one that is left may have another name."""
    by_name = {message.name: message for message in after}
    pairs = [(message, by_name[message.name]) for message in before if message.name in by_name]
    left = [message for message in before if message.name not in by_name]
    known = {message.name for message in before}
    right = [message for message in after if message.name not in known]
    return [*pairs, (left[0], right[0])] if len(left) == len(right) == 1 else pairs


def _type(message: Message) -> str:
    return media_type(message.content_type or "application/json")
