"""Whether examples of messages keep the word of their contract."""

import re
from collections.abc import Iterator

from tally.errors import InvalidContractError
from tally.pact import Presence
from tally.pact.bodies import is_json
from tally.service_contract.content_types import is_text
from tally.service_contract.model import Message, MessageExample, MessageOperation
from tally.service_contract.validators import Validators

_TEMPLATE = re.compile(r"\{([^{}]*)\}")


def message_warnings(operation: MessageOperation, validators: Validators) -> tuple[str, ...]:
    """Return what is doubtful about the examples of *operation*.

    Raises InvalidContractError for one written to be replayed that contradicts the schemas.
    """
    replies = {message.name: message for message in operation.replies}
    warnings = list(_address_problems(operation))
    for message in (*operation.messages, *operation.replies):
        for example in message.examples:
            found = list(_problems(message, example, validators))
            if example.reply:
                found += _problems(replies[example.reply.message], example.reply, validators)
            if found and example.strict:
                raise InvalidContractError(found[0])
            warnings += found
    return tuple(warnings)


def _address_problems(operation: MessageOperation) -> Iterator[str]:
    declared = {parameter.name for parameter in operation.parameters}
    named = dict.fromkeys(_TEMPLATE.findall(operation.channel))
    place = operation.pointer or "/"
    for name in named:
        if name not in declared:
            yield f"{place}: the channel {operation.channel} has no parameter {name!r}, so it may be anything"
    for name in sorted(declared - named.keys()):
        yield f"{place}: the parameter {name!r} has no {{{name}}} in the channel {operation.channel}"


def _problems(message: Message, example: MessageExample, validators: Validators) -> Iterator[str]:
    place = f"{example.pointer or '/'}: example {example.name!r}"
    payload = example.payload
    if payload.presence is Presence.PRESENT and _is_looked_at(message.content_type):
        yield from validators.problems(message.payload, payload.value, f"{place}, payload")
    if example.headers or example.strict:
        yield from validators.problems(message.headers, example.headers, f"{place}, headers")


def _is_looked_at(content_type: str | None) -> bool:
    return content_type is None or is_json(content_type) or is_text(content_type)
