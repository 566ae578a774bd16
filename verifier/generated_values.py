"""Values of generators, put where the contract's generators say: into path, query, headers and body."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tally.pact import Presence, Request
from tally.pact.path_expressions import PathSyntaxError, Token, Wildcard, parse_path
from verifier.generators import Context, Generator, generated


def with_generated_values(request: Request, context: Context) -> Request:
    """Return *request* with every one of its generators applied."""
    if not request.generators:
        return request
    generators = {part: request.generators.get(part) or {} for part in ("path", "query", "header", "body")}
    return replace(
        request,
        path=str(generated(generators["path"], request.path, context)),
        query=_named(generators["query"], request.query, context),
        headers=_named(generators["header"], request.headers, context),
        body=replace(request.body, value=_in_body(generators["body"], request, context)),
    )


def _named(
    generators: Mapping[str, Generator], example: Mapping[str, Sequence[Any]], context: Context
) -> dict[str, tuple[Any, ...]]:
    """Apply generators by name ("id"), or by name and position ("$.id[0]", "id[0]"); case does not count."""
    found = {_steps(key.lower()): generator for key, generator in generators.items()}
    return {
        name: tuple(
            _text(found.get((name.lower(),)) or found.get((name.lower(), position)), value, context)
            for position, value in enumerate(texts)
        )
        for name, texts in example.items()
    }


def _text(generator: Generator | None, example: str | None, context: Context) -> str | None:
    made = generated(generator, example, context) if generator else example
    if isinstance(made, bool):
        return str(made).lower()
    return None if made is None else str(made)


def _in_body(generators: Mapping[str, Generator], request: Request, context: Context) -> Any:  # noqa: ANN401 - any JSON
    value = request.body.value
    if request.body.presence is not Presence.PRESENT or isinstance(value, str | bytes):
        return value
    for path, generator in generators.items():
        value = _replaced(value, _steps(path), generator, context)
    return value


def _steps(path: str) -> tuple[Token, ...]:
    """Read a path expression; a bare name is one step, whatever it is made of."""
    try:
        return parse_path(path if path.startswith("$") else f"$.{path}")
    except PathSyntaxError:
        return (path,)


def _replaced(value: Any, path: Sequence[Token], generator: Generator, context: Context) -> Any:  # noqa: ANN401 - any JSON
    if not path:
        return generated(generator, value, context)
    step, rest = path[0], path[1:]
    if isinstance(value, dict):
        return {
            name: _replaced(item, rest, generator, context) if step in (name, Wildcard.ANY) else item
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [
            _replaced(item, rest, generator, context)
            if step in (index, Wildcard.ANY, Wildcard.ANY_INDEX)
            else item
            for index, item in enumerate(value)
        ]
    return value
