"""Whether a method can be called as a contract says, and gives what it says: by its signature and hints."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tally.errors import UsageError
from tally.interfaces.judging import judged
from tally.interfaces.methods import Method, hints_of_function
from tally.interfaces.reports import InterfaceFinding, Severity
from tally.interfaces.schemas import REFERENCE, Schemas
from tally.json_schema.schema import Schema, map_subschemas
from tally.service_contract.model import Message, MessageOperation
from tally.values import dataclass

_BY_NAME = {inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY}
_BY_POSITION = {inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.POSITIONAL_ONLY}


@dataclass(frozen=True)
class Implementation:
    """A method that should do an operation; *declared_by* is the interface's, when it is known."""

    operation: MessageOperation
    method: Callable[..., Any]
    parameters: dict[str, inspect.Parameter]
    hints: dict[str, Any]
    declared_by: Method | None = None

    @property
    def arguments(self) -> dict[str, Schema]:
        """The schemas of the arguments by name, each with what it refers to."""
        payload = self.operation.messages[0].payload if self.operation.messages else True
        if not isinstance(payload, dict):
            return {}
        properties: Mapping[str, Any] = payload.get("properties", {})
        definitions = {"$defs": payload["$defs"]} if "$defs" in payload else {}
        return {
            name: {**schema, **definitions} if isinstance(schema, dict) else schema
            for name, schema in properties.items()
        }

    @property
    def required(self) -> frozenset[str]:
        """The arguments that every caller gives."""
        payload = self.operation.messages[0].payload if self.operation.messages else True
        return frozenset(payload.get("required", ()) if isinstance(payload, dict) else ())

    def parameter_for(self, name: str) -> inspect.Parameter | None:
        """Return the parameter that takes an argument: by its name, or by its place where it has none."""
        found = self.parameters.get(name)
        if found is not None and found.kind in _BY_NAME:
            return found
        index = list(self.arguments).index(name)
        at_place = list(self.parameters.values())[index : index + 1]
        if at_place and self._is_by_place(name, at_place[0]):
            return at_place[0]
        return next((each for each in self.parameters.values() if each.kind is each.VAR_KEYWORD), None)

    def _is_by_place(self, name: str, parameter: inspect.Parameter) -> bool:
        if parameter.kind is parameter.POSITIONAL_ONLY:
            return True
        declared = () if self.declared_by is None else self.declared_by.arguments
        kinds = {each.kind for each in declared if each.name == name}
        return inspect.Parameter.POSITIONAL_ONLY in kinds and parameter.kind in _BY_POSITION


def results_of(operation: MessageOperation) -> list[Message]:
    """Return the replies that are results; the others stand for errors."""
    return [message for message in operation.replies if message.error is None]


def implementation_of(
    operation: MessageOperation, method: Callable[..., Any], declared_by: Method | None
) -> Implementation | None:
    """Return a method with its parameters; None when nothing is known of them, as for some built-in ones."""
    try:
        parameters = dict(inspect.signature(method).parameters)
    except (ValueError, TypeError):
        return None
    function = inspect.unwrap(getattr(method, "__func__", method))
    if not inspect.isfunction(function):
        function = getattr(type(method), "__call__", function)  # noqa: B004 - its hints are wanted
    try:
        hints = hints_of_function(function, {})
    except (NameError, TypeError, SyntaxError):
        hints = {}
    return Implementation(operation, method, parameters, hints, declared_by)


def signature_findings(implementation: Implementation) -> Iterator[InterfaceFinding]:
    """Yield what callers of the contract could not call, or would not get."""
    name = implementation.operation.id
    taken = set()
    for argument in implementation.arguments:
        parameter = implementation.parameter_for(argument)
        if parameter is None:
            yield InterfaceFinding(
                "argument-missing", name, f"{name} does not take the argument {argument!r}"
            )
            continue
        taken.add(parameter.name)
        if argument not in implementation.required and _must_be_given(parameter):
            yield InterfaceFinding(
                "argument-required",
                name,
                f"{name}({argument}) has no default, but callers may leave it out",
            )
    for parameter in implementation.parameters.values():
        if parameter.name not in taken and _must_be_given(parameter):
            yield InterfaceFinding(
                "argument-unknown", name, f"{name} asks for {parameter.name!r}, which no caller gives"
            )
    yield from _order_findings(implementation)
    yield from _async_findings(implementation)
    yield from _hint_findings(implementation)


def _must_be_given(parameter: inspect.Parameter) -> bool:
    return parameter.default is parameter.empty and parameter.kind in {*_BY_NAME, *_BY_POSITION}


def _order_findings(implementation: Implementation) -> Iterator[InterfaceFinding]:
    """Callers in Python may give arguments by their places."""
    if implementation.declared_by is None:
        return
    wanted = [each.name for each in implementation.declared_by.arguments if each.kind in _BY_POSITION]
    named = [each.name for each in implementation.parameters.values() if each.kind in _BY_POSITION]
    common = [name for name in wanted if name in named]
    if any(each.kind is each.VAR_POSITIONAL for each in implementation.parameters.values()):
        return
    if [name for name in named if name in common] != common or named[: len(common)] != common:
        operation = implementation.operation.id
        yield InterfaceFinding(
            "argument-order",
            operation,
            f"{operation} takes {', '.join(named) or 'nothing'} by their places, "
            f"but callers give {', '.join(wanted)}",
        )


def _async_findings(implementation: Implementation) -> Iterator[InterfaceFinding]:
    declared = implementation.declared_by
    if declared is None:
        return
    function = inspect.unwrap(getattr(implementation.method, "__func__", implementation.method))
    is_async = inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004 - an object whose call is a coroutine function
    )
    returned = str(implementation.hints.get("return", ""))
    name = implementation.operation.id
    if (
        declared.is_async
        and not is_async
        and "Awaitable" not in returned
        and "return" in implementation.hints
    ):
        yield InterfaceFinding(
            "not-awaitable", name, f"{name} is no coroutine function, but callers await it"
        )
    if is_async and not declared.is_async:
        yield InterfaceFinding(
            "awaitable", name, f"{name} is a coroutine function, but callers do not await it"
        )


def _hint_findings(implementation: Implementation) -> Iterator[InterfaceFinding]:
    """Compare hints as schemas; those that are the interface's own are equal."""
    name, declared = implementation.operation.id, implementation.declared_by
    own = {} if declared is None else {each.name: each.hint for each in declared.arguments}
    for argument, schema in implementation.arguments.items():
        parameter = implementation.parameter_for(argument)
        hint = implementation.hints.get(parameter.name) if parameter else None
        if hint is None or (argument in own and own[argument] == hint):
            continue
        taken = _schema(hint, reads=True)
        if taken is None:
            yield _unreadable(name, f"{name}({argument})")
            continue
        yield from judged(
            taken,
            schema,
            InterfaceFinding(
                "argument-narrower", name, f"{name}({argument}) does not take all that callers give"
            ),
        )
    result = implementation.hints.get("return", inspect.Parameter.empty)
    if result is inspect.Parameter.empty or (declared is not None and declared.result == result):
        return
    yield from _result_findings(implementation, result)


def _result_findings(implementation: Implementation, result: Any) -> Iterator[InterfaceFinding]:
    name = implementation.operation.id
    given = _schema(result, reads=False)
    if given is None:
        yield _unreadable(name, f"what {name} returns")
        return
    replies = [message.payload for message in results_of(implementation.operation)]
    if len(replies) == 1:
        finding = InterfaceFinding(
            "result-wider", name, f"{name} may return what the contract does not allow"
        )
        yield from judged(replies[0], given, finding)


def _schema(hint: Any, *, reads: bool) -> Schema | None:
    """Return the schema of a hint, with its models under `$defs`; None when it has none."""
    schemas = Schemas(reads=reads)
    try:
        schema = schemas.of(hint, "")
    except UsageError:
        return None
    local = _local(schema)
    definitions = {name: _local(each) for name, each in schemas.definitions.items()}
    return {**local, "$defs": definitions} if definitions else local


def _local(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return schema
    changed = map_subschemas(schema, _local)
    if "$ref" in changed:
        changed["$ref"] = changed["$ref"].replace(REFERENCE, "#/$defs/", 1)
    return changed


def _unreadable(operation: str, place: str) -> InterfaceFinding:
    return InterfaceFinding(
        "hint-unreadable",
        operation,
        f"the hint of {place} has no JSON, so it was not compared",
        Severity.WARNING,
    )
