"""Values that a provider state handed back, put where the contract's generators of type ProviderState say."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tally.pact import Presence, Request
from tally.pact.path_expressions import PathSyntaxError, Token, Wildcard, parse_path

_EXPRESSION = re.compile(r"\$\{([^}]+)\}")
_NUMBERS = {"INTEGER": int, "FLOAT": float, "DECIMAL": float}

Generator = Mapping[str, Any]


def with_state_values(request: Request, values: Mapping[str, Any]) -> Request:
    """Return *request* with every generator of type ProviderState applied.

    An expression that names a value nobody handed back leaves the example of the contract as it is.
    """
    if not values or not request.generators:
        return request
    generators = {part: request.generators.get(part) or {} for part in ("path", "query", "header", "body")}
    return replace(
        request,
        path=str(applied(generators["path"], request.path, values)),
        query=_named(generators["query"], request.query, values),
        headers=_named(generators["header"], request.headers, values),
        body=replace(request.body, value=_in_body(generators["body"], request, values)),
    )


def applied(generator: Generator, example: Any, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON
    """Return what *generator* makes of *values*, or *example* when it cannot.

    "${id}" alone keeps the type of the value unless the generator's dataType says another; with text around
    it, the result is text.
    """
    expression = str(generator.get("expression", ""))
    names = _EXPRESSION.findall(expression)
    if generator.get("type") != "ProviderState" or not names or not all(name in values for name in names):
        return example
    if expression == f"${{{names[0]}}}":
        return _typed(values[names[0]], generator.get("dataType"))
    return _typed(_EXPRESSION.sub(lambda match: str(values[match[1]]), expression), generator.get("dataType"))


def _typed(value: Any, data_type: str | None) -> Any:  # noqa: ANN401 - any JSON
    if data_type == "STRING":
        return str(value)
    if data_type == "BOOLEAN":
        return str(value).lower() == "true"
    try:
        return _NUMBERS[data_type](value) if data_type in _NUMBERS else value
    except (TypeError, ValueError):
        return value


def _named(
    generators: Mapping[str, Generator], example: Mapping[str, Sequence[Any]], values: Mapping[str, Any]
) -> dict[str, tuple[Any, ...]]:
    """Apply generators by name ("id"), or by name and position ("$.id[0]", "id[0]"); case does not count."""
    found = {_steps(key.lower()): generator for key, generator in generators.items()}
    return {
        name: tuple(
            _text(found.get((name.lower(),)) or found.get((name.lower(), position)), value, values)
            for position, value in enumerate(texts)
        )
        for name, texts in example.items()
    }


def _text(generator: Generator | None, example: str | None, values: Mapping[str, Any]) -> str | None:
    made = applied(generator, example, values) if generator else example
    return None if made is None else str(made)


def _in_body(generators: Mapping[str, Generator], request: Request, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON
    value = request.body.value
    if request.body.presence is not Presence.PRESENT or isinstance(value, str | bytes):
        return value
    for path, generator in generators.items():
        value = _replaced(value, _steps(path), generator, values)
    return value


def _steps(path: str) -> tuple[Token, ...]:
    """Read a path expression; a bare name is one step, whatever it is made of."""
    try:
        return parse_path(path if path.startswith("$") else f"$.{path}")
    except PathSyntaxError:
        return (path,)


def _replaced(value: Any, path: Sequence[Token], generator: Generator, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON
    if not path:
        return applied(generator, value, values)
    step, rest = path[0], path[1:]
    if isinstance(value, dict):
        return {
            name: _replaced(item, rest, generator, values) if step in (name, Wildcard.ANY) else item
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [
            _replaced(item, rest, generator, values)
            if step in (index, Wildcard.ANY, Wildcard.ANY_INDEX)
            else item
            for index, item in enumerate(value)
        ]
    return value
