"""The examples of a method: those of its decorators, and those of its docstring."""

import ast
import inspect
from typing import Any

from tally.errors import UsageError
from tally.interfaces.declarations import UNSAID, Call, declared
from tally.interfaces.docstrings import DocExample, examples_in_docstring
from tally.interfaces.methods import Method


def calls_of(method: Method) -> tuple[Call, ...]:
    """Return the examples of a method, each with a name. Raises UsageError for one that cannot be read."""
    written = [*declared(method.function, "examples")]
    for example in _examples(method):
        call = _called(method, example)
        if call is not None:
            written.append(call)
    return tuple(_named(call, index, method) for index, call in enumerate(written, start=1))


def _examples(method: Method) -> tuple[DocExample, ...]:
    try:
        return examples_in_docstring(method.function)
    except ValueError as error:
        raise UsageError(f"{method.place}: its docstring has an example that is none: {error}.") from error


def arguments_of(method: Method, call: Call) -> dict[str, Any]:
    """Return the values of a call by the names of the arguments. Raises UsageError when they do not fit."""
    parameters = [
        inspect.Parameter(each.name, each.kind, default=each.default)
        for each in sorted(method.arguments, key=lambda each: each.kind)
    ]
    try:
        bound = inspect.Signature(parameters, __validate_parameters__=False).bind(*call.args, **call.kwargs)
    except TypeError as error:
        raise UsageError(
            f"{method.place}: the example {call.name or ''!r} cannot be called: {error}."
        ) from error
    found = dict(bound.arguments)
    for each in method.arguments:
        if each.is_rest:
            found |= found.pop(each.name, {})
    return found


def _named(call: Call, index: int, method: Method) -> Call:
    if call.name:
        return call
    shown = ", ".join(
        [*map(_short, call.args), *(f"{key}={_short(value)}" for key, value in call.kwargs.items())]
    )
    return Call(
        call.args, call.kwargs, call.result, call.error, f"{index}: {method.name}({shown})", call.states
    )


_LONGEST = 40


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _called(method: Method, example: DocExample) -> Call | None:
    """Return a call of the method in an example of doctest; None for other lines, such as imports."""
    try:
        statement = ast.parse(example.source, mode="eval").body
    except SyntaxError:
        return None
    if isinstance(statement, ast.Await):
        statement = statement.value
    if not isinstance(statement, ast.Call) or _name_of(statement.func) != method.name:
        return None
    names = getattr(method.function, "__globals__", {})
    args = tuple(_value(each, names, method, example) for each in statement.args)
    kwargs = {each.arg: _value(each.value, names, method, example) for each in statement.keywords if each.arg}
    if example.error is not None:
        return Call(args, kwargs, error=example.error)
    result = _value_of_text(example.wanted, names, method, example) if example.wanted else None
    return Call(args, kwargs, UNSAID if result is Ellipsis else result)


def _name_of(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _value(node: ast.expr, names: dict[str, Any], method: Method, example: DocExample) -> Any:
    return _value_of_text(ast.unparse(node), names, method, example)


def _value_of_text(text: str, names: dict[str, Any], method: Method, example: DocExample) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        pass
    try:
        return eval(text, dict(names))  # noqa: S307 - as doctest does: it is code of the module that is read
    except Exception as error:
        raise UsageError(
            f"{method.place}: the example {example.source!r} of its docstring cannot be read: {text!r}: "
            f"{type(error).__name__}: {error}"
        ) from error
