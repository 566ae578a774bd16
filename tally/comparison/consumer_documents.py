"""What a consumer says in a document of its own that it sends and needs, against the provider's contract."""

from collections.abc import Callable, Iterator

from tally.comparison.findings import ComparedInteraction, Comparison, Policy, under_policy
from tally.comparison.media_types import best, read_range
from tally.comparison.operations import CompiledContract
from tally.comparison.places import DocumentPlaces
from tally.comparison.recording import Recorder
from tally.comparison.requests import PATH_UNKNOWN
from tally.comparison.routing import Route, template_of
from tally.comparison.schema_pairs import Pair, compare_answered, compare_sent
from tally.json_schema.pointers import pointer_parts
from tally.service_contract.model import (
    Direction,
    HttpOperation,
    MediaType,
    Message,
    MessageOperation,
    Operation,
    OperationResponse,
    Parameter,
    ServiceContract,
)

_SENT = {Direction.SENT, Direction.BOTH}
_RECEIVED = {Direction.RECEIVED, Direction.BOTH}


def compare_consumer(
    consumer: ServiceContract,
    provider: ServiceContract,
    policy: Policy = Policy.POSSIBLE,
    *,
    with_servers: bool = False,
) -> Comparison:
    """Return what is found about each operation of the consumer's document, as `compare` does for a pact.

    The pointers on the consumer's side are those of its document.
    """
    compiled = CompiledContract(provider, with_servers=with_servers)
    found = tuple(
        _compared(index, operation, compiled, policy) for index, operation in enumerate(consumer.operations)
    )
    return Comparison(found, policy)


def _compared(
    index: int, operation: Operation, provider: CompiledContract, policy: Policy
) -> ComparedInteraction:
    recorder = Recorder(DocumentPlaces(), pointer_parts(operation.pointer))
    try:
        if isinstance(operation, HttpOperation):
            _compare_http(operation, provider, recorder)
        else:
            _compare_messages(operation, provider.contract.message_operations, recorder)
    except Exception as error:  # noqa: BLE001 - what crashes is unknown, and never compatible
        recorder.unknown("comparison.failed", f"It could not be compared: {type(error).__name__}: {error}")
    findings = under_policy(recorder.findings, policy)
    return ComparedInteraction(index, operation.id, findings, policy, operation.pointer)


# Over HTTP


def _compare_http(operation: HttpOperation, provider: CompiledContract, recorder: Recorder) -> None:
    path = template_of(operation)
    route = provider.router.route(operation.method, path)
    if route is None:
        misses = provider.router.near_misses(operation.method, path)
        closest = "; the closest are " + ", ".join(miss.text for miss in misses) if misses else ""
        text = f"The provider has no operation {operation.method} {path}{closest}."
        recorder.error(PATH_UNKNOWN, pact=(), document="", text=text)
        return
    recorder.document_name = route.operation.document or None
    for parameter in route.operation.parameters:
        _compare_parameter(parameter, operation, route, recorder)
    _compare_body(operation, route.operation, recorder)
    for response in operation.responses:
        _compare_response(response, route.operation, recorder)


def _compare_parameter(
    declared: Parameter, operation: HttpOperation, route: Route, recorder: Recorder
) -> None:
    name = declared.name
    if declared.location == "path":
        name = route.parameters.get(declared.name, "").strip("{}")
    sent = next((each for each in operation.parameters if _is_same(each, declared.location, name)), None)
    code = PATH_UNKNOWN if declared.location == "path" else f"request.{declared.location}.incompatible"
    what = f'the {declared.location} parameter "{declared.name}"'
    if sent is not None:
        place = recorder.below(sent.pointer)
        compare_sent(Pair(what, code, sent.schema, declared.schema, place, declared.pointer), recorder)
    if declared.required and declared.location != "path" and (sent is None or not sent.required):
        text = f"The provider requires {what}, and the consumer does not always send it."
        recorder.error(code, pact=(), document=declared.pointer, text=text)


def _is_same(parameter: Parameter, location: str, name: str) -> bool:
    same = parameter.name.lower() == name.lower() if location == "header" else parameter.name == name
    return parameter.location == location and same


def _compare_body(operation: HttpOperation, declared: HttpOperation, recorder: Recorder) -> None:
    sent = operation.request.content if operation.request else ()
    if declared.request is None:
        if sent:
            text = "The consumer sends a body, and the operation takes none."
            recorder.warn("request.body.unknown", pact=(), document=declared.pointer, text=text)
        return
    if declared.request.required and not (operation.request and operation.request.required and sent):
        text = "The operation needs a body, and the consumer does not always send one."
        recorder.error("request.body.incompatible", pact=(), document=declared.pointer, text=text)
    codes = ("request.content-type.incompatible", "request.body.incompatible")
    for content in sent:
        _compare_content(
            content, declared.request.content, codes, ("the body of the request", compare_sent), recorder
        )


Judge = Callable[[Pair, Recorder], None]


def _compare_content(
    content: MediaType,
    declared: tuple[MediaType, ...],
    codes: tuple[str, str],
    judge: tuple[str, Judge],
    recorder: Recorder,
) -> None:
    what, compare = judge
    found = best(declared, read_range(content.content_type))
    if found is None:
        known = ", ".join(each.content_type for each in declared) or "none"
        text = f"The consumer has {content.content_type} as {what}, and the provider {known}."
        recorder.error(codes[0], pact=recorder.below(content.pointer), document="", text=text)
        return
    place = recorder.below(content.pointer)
    compare(Pair(what, codes[1], content.schema, found.schema, place, found.schema_pointer), recorder)


def _compare_response(needed: OperationResponse, operation: HttpOperation, recorder: Recorder) -> None:
    declared = operation.response(needed.status)
    place = recorder.below(needed.pointer)
    if declared is None:
        known = ", ".join(each.status for each in operation.responses) or "none"
        text = f"The operation has no response {needed.status}; it has {known}."
        recorder.error("response.status.unknown", pact=place, document=operation.pointer, text=text)
        return
    if declared.status.lower() == "default" and needed.status.lower() != "default":
        text = f"Of the status {needed.status} the document says no more than of all others (default)."
        recorder.warn("response.status.default", pact=place, document=declared.pointer, text=text)
    codes = ("response.content-type.incompatible", "response.body.incompatible")
    for content in needed.content:
        _compare_content(
            content, declared.content, codes, ("the body of the response", compare_answered), recorder
        )
    headers = {header.name.lower(): header for header in declared.headers}
    for header in needed.headers:
        found = headers.get(header.name.lower())
        what = f'the header "{header.name}"'
        if found is None or (header.required and not found.required):
            text = f"The consumer needs {what}, which the provider does not promise."
            recorder.error("response.header.unknown", pact=place, document=declared.pointer, text=text)
        else:
            at = recorder.below(header.pointer)
            pair = Pair(what, "response.header.incompatible", header.schema, found.schema, at, found.pointer)
            compare_answered(pair, recorder)


# Messages


def _compare_messages(
    operation: MessageOperation, known: tuple[MessageOperation, ...], recorder: Recorder
) -> None:
    """Compare what the consumer writes with what the provider reads, or the other way round."""
    reads = operation.direction in _RECEIVED
    others = _SENT if reads else _RECEIVED
    found = [each for each in known if each.direction in others and _is_same_channel(each, operation)]
    if not found:
        verb = "sends" if reads else "receives"
        text = f"The provider {verb} nothing on the channel {operation.channel}."
        recorder.error("message.operation.unknown", pact=(), document="", text=text)
        return
    declared = [message for each in found for message in each.messages]
    _compare_either(operation.messages, declared, recorder, reads=reads)
    replies = [message for each in found for message in each.replies]
    if operation.replies and not replies:
        text = "The consumer expects a reply, and the document describes none."
        recorder.error("message.reply.missing", pact=(), document=found[0].pointer, text=text)
    elif operation.replies:
        _compare_either(operation.replies, replies, recorder, reads=not reads)


def _is_same_channel(one: MessageOperation, other: MessageOperation) -> bool:
    return one.channel == other.channel or (bool(one.channel_name) and one.channel_name == other.channel_name)


def _compare_either(
    own: tuple[Message, ...], declared: list[Message], recorder: Recorder, *, reads: bool
) -> None:
    """Compare each message that is written with the one that is read: that of its name, or the first."""
    written, read = (declared, list(own)) if reads else (list(own), declared)
    for message in written:
        fitting = next((each for each in read if each.name == message.name), None)
        for pair in _pairs(message, [fitting] if fitting else read[:1], recorder, reads=reads):
            (compare_answered if reads else compare_sent)(pair, recorder)


def _pairs(message: Message, others: list[Message], recorder: Recorder, *, reads: bool) -> Iterator[Pair]:
    for other in others:
        own, declared = (other, message) if reads else (message, other)
        place = recorder.below(own.pointer)
        what = f'the content of the message "{declared.name}"'
        at = declared.payload_pointer
        yield Pair(what, "message.payload.incompatible", own.payload, declared.payload, place, at)
        if own.headers is not True:
            what = f'the metadata of the message "{declared.name}"'
            at = declared.headers_pointer
            yield Pair(what, "message.headers.incompatible", own.headers, declared.headers, place, at)
