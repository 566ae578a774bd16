"""The native document of an interface: its methods as requests with replies."""

import contextlib
from collections.abc import Sequence
from typing import Any

from tally.errors import TallyError, UsageError
from tally.interfaces.calls import arguments_of, calls_of
from tally.interfaces.declarations import UNSAID, Call, Raised, declared, service_name
from tally.interfaces.docstrings import Docstring, read_docstring
from tally.interfaces.json_values import NoJsonError, json_value
from tally.interfaces.loading import loaded
from tally.interfaces.methods import Argument, Method, methods_of
from tally.interfaces.schemas import REFERENCE, Schemas
from tally.json_schema.schema import Schema, map_subschemas

_OPTION = "--interface"
_JSON = "application/json"
_RESULT = "result"


def document_of(name: str, *, service: str | None = None) -> dict[str, Any]:
    """Return the document of the interface that *name* names: "package.module:Class".

    Raises UsageError when there is no such class, or when it is not an interface.
    """
    found = loaded(name, option=_OPTION)
    try:
        return document_of_interface(found, service=service)
    except UsageError as error:
        raise UsageError(f"{_OPTION} {name}: {error}") from error


def document_of_interface(
    interface: Any, *, service: str | None = None, version: str | None = None
) -> dict[str, Any]:
    """Return the native document of a class with type hints. Raises UsageError, which names the method."""
    methods = _methods(interface)
    reads, writes = Schemas(reads=True), Schemas(reads=False)
    channel = service or service_name(interface)
    operations = [_operation(method, channel, reads, writes) for method in methods]
    text = _own_text(interface)
    document: dict[str, Any] = {
        "serviceContract": "1",
        "service": channel,
        **({"version": version} if version else {}),
        **({"description": text} if text else {}),
        "operations": operations,
    }
    dependencies = [_dependency(need) for need in declared(interface, "needs")]
    if dependencies:
        document["dependencies"] = dependencies
    return _with_schemas(document, reads.definitions, writes.definitions)


def _methods(interface: Any) -> Sequence[Method]:
    try:
        return methods_of(interface)
    except TallyError:
        raise
    except Exception as error:  # what metaclasses and descriptors of users raise
        raise UsageError(f"the class cannot be read: {type(error).__name__}: {error}") from error


def _own_text(interface: Any) -> str:
    """Return the docstring, but not that which a dataclass makes itself: its signature."""
    cls = getattr(interface, "__origin__", interface)
    text = read_docstring(cls).text
    return "" if text.startswith(f"{cls.__name__}(") else text


def _operation(method: Method, channel: str, reads: Schemas, writes: Schemas) -> dict[str, Any]:
    text = read_docstring(method.function)
    errors = {each.name: each for each in _errors(method, text)}
    operation: dict[str, Any] = {
        "id": method.name,
        "kind": "request-reply",
        "direction": "received",
        "channel": {"address": f"{channel}.{method.name}"},
        "messages": [{"name": method.name, "contentType": _JSON, "payload": _payload(method, text, reads)}],
        "reply": {"messages": [_result(method, writes), *map(_reply_of_error, errors)]},
    }
    if text.text:
        operation["description"] = text.text
    if errors:
        operation["errors"] = {name: _condition(each) for name, each in errors.items()}
    examples = [_example(method, call, errors) for call in calls_of(method)]
    return {**operation, **({"examples": examples} if examples else {})}


def _result(method: Method, writes: Schemas) -> dict[str, Any]:
    payload = writes.of(method.result, f"{method.place} (what it returns)")
    return {"name": _RESULT, "contentType": _JSON, "payload": payload}


def _reply_of_error(name: str) -> dict[str, Any]:
    """Return the reply that stands for an exception; what it holds is not said."""
    return {"name": name, "error": name}


def _payload(method: Method, text: Docstring, reads: Schemas) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    others: Schema = False
    for argument in method.arguments:
        schema = reads.of(argument.hint, f"{method.place}({argument.name})")
        if argument.is_rest:
            others = schema
            continue
        properties[argument.name] = _described(schema, argument, text)
    payload: dict[str, Any] = {
        "type": "object",
        "properties": properties,
        "additionalProperties": others,
    }
    required = [each.name for each in method.arguments if each.is_required and not each.is_rest]
    return {**payload, "required": required} if required else payload


def _described(schema: dict[str, Any], argument: Argument, text: Docstring) -> dict[str, Any]:
    said = text.parameters.get(argument.name)
    described = {**schema, "description": said} if said else dict(schema)
    if not argument.is_required and isinstance(argument.default, str | int | float | bool):
        with contextlib.suppress(NoJsonError):  # infinity, such as that of a time-out
            described["default"] = json_value(argument.default)
    return described


def _errors(method: Method, text: Docstring) -> Sequence[Raised]:
    """Return the exceptions that are declared, by decorators first, then in words, then by examples."""
    by_decorator = declared(method.function, "errors")
    named = {each.name for each in by_decorator}
    in_words = [Raised(name, when) for name, when in text.errors.items() if name not in named]
    explained = [
        Raised(each.name, each.when or text.errors.get(each.name, ""), each.retry) for each in by_decorator
    ]
    known = named | set(text.errors)
    by_example = [
        Raised(call.error) for call in calls_of(method) if call.error is not None and call.error not in known
    ]
    return [*explained, *in_words, *by_example]


def _condition(error: Raised) -> dict[str, Any]:
    said = {"when": error.when} if error.when else {}
    return said if error.retry is None else {**said, "retry": error.retry}


def _example(method: Method, call: Call, errors: dict[str, Raised]) -> dict[str, Any]:
    try:
        return _example_of(method, call, errors)
    except NoJsonError as error:
        raise UsageError(f"{method.place}: the example {call.name!r} has no JSON: {error}.") from error


def _example_of(method: Method, call: Call, errors: dict[str, Raised]) -> dict[str, Any]:
    example: dict[str, Any] = {"name": call.name, "payload": json_value(arguments_of(method, call))}
    if call.states:
        example["states"] = [
            {"name": name, "params": json_value(params)} if params else name for name, params in call.states
        ]
    if call.error is not None:
        example["reply"] = {"message": errors[call.error].name}
    elif call.result is not UNSAID:
        example["reply"] = {"message": _RESULT, "payload": json_value(call.result)}
    return example


def _dependency(need: Any) -> dict[str, Any]:
    operations = need.operations
    if need.interface is not None and not operations:
        operations = tuple(method.name for method in methods_of(need.interface))
    dependency: dict[str, Any] = {"service": need.service, "required": need.required}
    if operations:
        dependency["operations"] = list(operations)
    return {**dependency, "versions": need.versions} if need.versions else dependency


def _with_schemas(
    document: dict[str, Any], reads: dict[str, Schema], writes: dict[str, Schema]
) -> dict[str, Any]:
    """Put the models into the document: one that is read as it is written is there once."""
    shared = {name for name in reads if name in writes and reads[name] == writes[name]}
    while True:
        apart = {name for name in shared if _references(reads[name]) & (reads.keys() - shared)}
        if not apart:
            break
        shared -= apart
    names = {name: _input_name(name, writes) for name in reads if name in writes and name not in shared}
    schemas = {**writes, **{names.get(name, name): _renamed(schema, names) for name, schema in reads.items()}}
    for operation in document["operations"]:
        for message in operation["messages"]:
            message["payload"] = _renamed(message["payload"], names)
    return {**document, "schemas": schemas} if schemas else document


def _input_name(name: str, taken: dict[str, Schema]) -> str:
    renamed = f"{name}Input"
    while renamed in taken:
        renamed += "_"
    return renamed


def _references(schema: Schema) -> set[str]:
    found: set[str] = set()

    def visit(inner: Any) -> Any:
        if isinstance(inner, dict):
            reference = inner.get("$ref")
            if isinstance(reference, str):
                found.add(reference.removeprefix(REFERENCE))
            map_subschemas(inner, visit)
        return inner

    visit(schema)
    return found


def _renamed(schema: Any, names: dict[str, str]) -> Any:
    if not isinstance(schema, dict):
        return schema
    changed = map_subschemas(schema, lambda inner: _renamed(inner, names))
    name = str(changed.get("$ref", "")).removeprefix(REFERENCE)
    return {**changed, "$ref": f"{REFERENCE}{names[name]}"} if name in names else changed
