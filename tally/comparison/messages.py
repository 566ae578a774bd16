"""Messages of a pact against the channels of a service contract."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tally.comparison.bodies import UNVALIDATABLE, is_json_content, is_there, kind_of, value_of
from tally.comparison.channels import is_on
from tally.comparison.findings import Severity
from tally.comparison.guaranteed import promised, record_never, record_unmet
from tally.comparison.guarantees import unmet
from tally.comparison.media_types import closeness, read_range
from tally.comparison.operations import CompiledContract
from tally.comparison.places import Parts
from tally.comparison.recording import PactRecorder
from tally.comparison.schemas import Problem
from tally.matching.paths import body_rules, name_rules
from tally.pact import Interaction, Message, MessageInteraction, SynchronousMessageInteraction
from tally.pact.bodies import is_about_type
from tally.service_contract.model import Direction, MediaType, MessageOperation
from tally.service_contract.model import Message as DeclaredMessage
from tally.values import dataclass

CHANNEL_NAMES = frozenset({"channel", "topic", "destination", "queue", "subject", "exchange", "routingkey"})
"""Metadata with these names, in whatever spelling, may say which channel a message is on."""
SURE_CHANNEL_NAMES = frozenset({"channel", "topic", "queue"})
"""Those of them that say nothing else; a "subject" may be one of CloudEvents."""
_OF_CONTENT, _OF_METADATA = 100, 10  # how much each error counts when the closest message is looked for
PAYLOAD, HEADERS = "message.payload", "message.headers"


@dataclass(frozen=True)
class _Finding:
    severity: Severity
    code: str
    pact: Parts
    document: str
    text: str
    weight: int = 1


@dataclass(frozen=True)
class Fit:
    """How a message of a pact fits one that is declared."""

    operation: MessageOperation
    declared: DeclaredMessage
    findings: tuple[_Finding, ...]

    @property
    def fits(self) -> bool:
        """Whether nothing keeps the one from being the other."""
        return all(finding.severity is not Severity.ERROR for finding in self.findings)

    @property
    def weight(self) -> int:
        """What is smaller the closer they are."""
        return sum(finding.weight for finding in self.findings)


def compare_message(
    contract: CompiledContract, interaction: MessageInteraction, recorder: PactRecorder
) -> Fit | None:
    """Record what is found about a message that the provider sends; return which one it is, if any."""
    operations = _operations(contract, interaction, recorder, interaction.message.metadata)
    if operations is None:
        return None
    shown = _Shown(interaction.message, (), whole=False)
    fits = [
        _fit(contract, operation, declared, shown, recorder)
        for operation in operations
        for declared in operation.messages
    ]
    found = _record(fits, recorder, "The document has no message that this one may be")
    return _promised(contract, found, shown, recorder)


def compare_synchronous(
    contract: CompiledContract, interaction: SynchronousMessageInteraction, recorder: PactRecorder
) -> tuple[Fit | None, ...]:
    """Record what is found about what the consumer sends, and the replies; return which they are."""
    operations = _operations(contract, interaction, recorder, interaction.request.metadata)
    if operations is None:
        return ()
    request = _Shown(interaction.request, ("request",), whole=True)
    fits = [
        _fit(contract, operation, declared, request, recorder)
        for operation in operations
        for declared in operation.messages
    ]
    found = _record(fits, recorder, "The document has no message that the request may be")
    operation = found.operation if found else operations[0]
    if not operation.replies and interaction.responses:
        text = f"The consumer expects a reply, and the document describes none for {operation.id}."
        recorder.error("message.reply.missing", pact=("response",), document=operation.pointer, text=text)
        return ()
    return tuple(
        _reply(
            contract,
            operation,
            _Shown(reply, recorder.reply(index), whole=False),
            recorder,
        )
        for index, reply in enumerate(interaction.responses)
    )


@dataclass(frozen=True)
class _Shown:
    """A message of a pact, at *place* below the interaction; *whole* where all of it is shown."""

    message: Message
    place: Parts
    whole: bool


def _reply(
    contract: CompiledContract, operation: MessageOperation, shown: _Shown, recorder: PactRecorder
) -> Fit | None:
    fits = [_fit(contract, operation, declared, shown, recorder) for declared in operation.replies]
    found = _record(fits, recorder, "The document has no reply that this one may be")
    return _promised(contract, found, shown, recorder)


def _promised(
    contract: CompiledContract, found: Fit | None, shown: _Shown, recorder: PactRecorder
) -> Fit | None:
    """Record what the document does not promise of a message that it has."""
    if found is None:
        return None
    message = shown.message
    code = "message.property.not-guaranteed"
    if is_there(message.body) and is_json_content(kind_of(message.body)):
        place = recorder.body(shown.place, "contents")
        missing = promised(message.body.value, message.rules.body, contract.payload(found.declared))
        left = record_never(recorder, missing, place, code=f"{PAYLOAD}.incompatible")
        record_unmet(recorder, left, place, code=code)
    expected = {name: each for name, each in message.metadata.items() if not is_about_type(name)}
    expected = {name: each for name, each in expected.items() if not _names_channel(name)}
    if expected:
        place = recorder.metadata(shown.place)
        rules = name_rules(message.rules.metadata)
        missing = unmet(expected, rules, contract.headers(found.declared).view)
        record_unmet(recorder, missing, place, code="message.header.not-guaranteed")
    return found


# Which operations a message may be of


def _operations(
    contract: CompiledContract, interaction: Interaction, recorder: PactRecorder, metadata: dict[str, Any]
) -> Sequence[MessageOperation] | None:
    """Return the operations that are meant, or None, recorded, when none can be."""
    reference = interaction.comments.get("references")
    reference = reference.get("AsyncAPI") if isinstance(reference, dict) else None
    is_request = isinstance(interaction, SynchronousMessageInteraction)
    if reference is not None:
        return _referred(contract, reference, recorder)
    known = contract.contract.message_operations
    candidates = [each for each in known if bool(each.replies) is is_request] or list(known)
    wanted = Direction.RECEIVED if is_request else Direction.SENT
    meant = [each for each in candidates if each.direction in {wanted, Direction.BOTH}]
    if not meant:
        verbs = ("receives", "sends") if is_request else ("sends", "receives")
        text = f"The document has no message that the provider {verbs[0]}, only such as it {verbs[1]}."
        recorder.warn("message.direction.unknown", pact=(), document=candidates[0].pointer, text=text)
    candidates = meant or candidates
    named = {name: text for name, text in metadata.items() if _names_channel(name) and isinstance(text, str)}
    found = [each for each in candidates if any(is_on(each, text) for text in named.values())]
    surely = [text for name, text in named.items() if _names_channel(name, SURE_CHANNEL_NAMES)]
    if surely and not found:
        others = ", ".join(dict.fromkeys(each.channel for each in candidates[:10]))
        text = f'The message is on "{surely[0]}", and the document has no such channel; it has {others}.'
        recorder.warn("message.channel.unknown", pact=(), document="", text=text)
    return found or candidates


def _referred(
    contract: CompiledContract, reference: Any, recorder: PactRecorder
) -> Sequence[MessageOperation] | None:
    place = ("comments", "references", "AsyncAPI")
    name = reference.get("operationId") if isinstance(reference, dict) else None
    if not isinstance(name, str):
        text = 'The reference to AsyncAPI in the comments has no "operationId" that names an operation.'
        recorder.error("message.references.missing", pact=place, document="", text=text)
        return None
    operation = contract.by_message_operation.get(name)
    if operation is None:
        known = ", ".join(list(contract.by_message_operation)[:10])
        text = f'The document has no operation "{name}"; it has {known}.'
        recorder.error("message.operation.unknown", pact=(*place, "operationId"), document="", text=text)
        return None
    return [operation]


def _names_channel(name: str, names: frozenset[str] = CHANNEL_NAMES) -> bool:
    return re.sub(r"[^a-z]", "", name.lower()).removeprefix("kafka") in names


# Whether it is one of their messages


def _fit(
    contract: CompiledContract,
    operation: MessageOperation,
    declared: DeclaredMessage,
    shown: _Shown,
    recorder: PactRecorder,
) -> Fit:
    found = (*_payload(contract, declared, shown, recorder), *_headers(contract, declared, shown, recorder))
    return Fit(operation, declared, found)


def _payload(
    contract: CompiledContract, declared: DeclaredMessage, shown: _Shown, recorder: PactRecorder
) -> Iterator[_Finding]:
    body = shown.message.body
    schema = contract.payload(declared)
    kind = kind_of(body)
    if declared.content_type and body.content_type:
        wanted, got = read_range(declared.content_type), read_range(body.content_type)
        if not closeness(wanted, got):
            text = f"The message is {body.content_type}, and that of the document {declared.content_type}."
            code = f"{PAYLOAD}.content-type"
            yield _Finding(Severity.ERROR, code, shown.place, declared.pointer, text, _OF_CONTENT)
            return
    if not is_there(body):
        return
    place = recorder.body(shown.place, "contents")
    content = MediaType(declared.content_type or kind, declared.payload)
    value = value_of(body, kind if body.content_type else content.content_type, content, schema)
    if value is UNVALIDATABLE:
        text = f"The content cannot be compared with a schema: it is of the type {kind}."
        yield _Finding(Severity.WARNING, f"{PAYLOAD}.unvalidatable", place, schema.start, text)
        return
    is_shortened = not body_rules(shown.message.rules.body).is_empty
    problems = schema.problems(value) if shown.whole else schema.parts[is_shortened].problems(value)
    what = ("the content of the message", _OF_CONTENT)
    yield from _problems(problems, f"{PAYLOAD}.incompatible", place, what)


def _headers(
    contract: CompiledContract, declared: DeclaredMessage, shown: _Shown, recorder: PactRecorder
) -> Iterator[_Finding]:
    schema = contract.headers(declared)
    own = schema.declared_names
    sent = {
        name: value
        for name, value in shown.message.metadata.items()
        if name in own or not (is_about_type(name) or _names_channel(name))
    }
    key = recorder.metadata(shown.place)
    if not sent and not shown.whole:
        return
    value = schema.texts.value(sent)
    problems = schema.problems(value) if shown.whole else schema.parts[0].problems(value)
    what = ("the metadata of the message", _OF_METADATA)
    yield from _problems(problems, f"{HEADERS}.incompatible", key, what)


def _problems(
    found: Iterable[Problem], code: str, place: Parts, named: tuple[str, int]
) -> Iterator[_Finding]:
    what, weight = named
    for problem in found:
        yield _Finding(
            Severity.ERROR,
            code,
            (*place, *problem.parts),
            problem.document,
            f"In {what}: {problem.text}.",
            weight * (2 if problem.is_undeclared else 1),
        )


def _record(fits: Sequence[Fit], recorder: PactRecorder, problem: str) -> Fit | None:
    """Record the closest fit, and return it when it fits."""
    if not fits:
        recorder.error("message.no.match", pact=(), document="", text=f"{problem}.")
        return None
    best = min(fits, key=lambda fit: fit.weight)
    recorder.document_name = best.operation.document or None
    if not best.fits:
        others = f"; of {len(fits)}, {best.declared.name} is the closest" if len(fits) > 1 else ""
        text = f"{problem}{others}."
        recorder.error("message.no.match", pact=(), document=best.declared.pointer, text=text)
    for finding in best.findings:
        recorder.add(
            finding.code, finding.severity, pact=finding.pact, document=finding.document, text=finding.text
        )
    if not best.fits:
        return None
    text = f'It is the message "{best.declared.name}" of {best.operation.id}.'
    recorder.inform("message.matched", pact=(), document=best.declared.pointer, text=text)
    return best
