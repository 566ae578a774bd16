"""Requests, responses and messages with the values of generators filled in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlencode

from tally.generators.generator import Generator, GeneratorContext, generated, state_value
from tally.pact import Body, Message, Presence, Request, Response
from tally.pact.bodies import FORM, media_type
from tally.pact.http_parts import read_query
from tally.pact.path_expressions import PathSyntaxError, Token, Wildcard, parse_path

Make = Callable[[Generator, Any], Any]
"""Returns the value that a generator makes in place of an example."""
Values = Mapping[str, Any]
"""The values that provider states returned, by name."""

_NAMES = {
    "body": ("body", "content", "contents"),
    "header": ("header", "headers"),
    "metadata": ("metadata", "metaData"),
}


def with_generated_values(request: Request, context: Callable[[], GeneratorContext]) -> Request:
    """Return *request* with all its generators applied; the context is only made when there are any."""
    if not request.generators:
        return request
    make = partial(generated, context=context())
    path = request.generators.get("path") or {}
    return replace(
        request,
        path=str(make(path, request.path)),
        query=_named(_generators(request, "query"), request.query, make),
        headers=_named(_generators(request, "header"), request.headers, make),
        body=_in_body(_generators(request, "body"), request.body, make),
    )


def response_with_generated_values(response: Response, context: GeneratorContext) -> Response:
    """Return *response* with all its generators applied, as the consumer's code gets it."""
    make = partial(generated, context=context)
    return replace(
        response,
        status=int(make(response.generators.get("status") or {}, response.status)),
        headers=_named(_generators(response, "header"), response.headers, make),
        body=_in_body(_generators(response, "body"), response.body, make),
    )


def message_with_generated_values(message: Message, context: Callable[[], GeneratorContext]) -> Message:
    """Return *message* with all its generators applied, before it is sent."""
    return _filled(message, partial(generated, context=context())) if message.generators else message


def response_with_state_values(expected: Response, values: Values) -> Response:
    """Return the *expected* response with the values that provider states returned.

    Generators of other types are not applied: they make values for the consumer's mock server, which a
    provider cannot know. A value takes the type of the example that it replaces, because without a matching
    rule the type has to be the same.
    """
    if not expected.generators:
        return expected
    make = partial(state_value, values=values)
    headers = _named(_generators(expected, "header"), expected.headers, make)
    body = _in_body(_generators(expected, "body"), expected.body, make)
    return replace(expected, headers=headers, body=body)


def message_with_state_values(expected: Message, values: Values) -> Message:
    """Return the *expected* message, filled in as `response_with_state_values` does."""
    return _filled(expected, partial(state_value, values=values)) if expected.generators else expected


def _filled(message: Message, make: Make) -> Message:
    metadata: Any = message.metadata
    for path, generator in _generators(message, "metadata").items():
        metadata = _replaced(metadata, _steps(path), partial(make, generator))
    return replace(
        message, metadata=metadata, body=_in_body(_generators(message, "body"), message.body, make)
    )


def _generators(part: Request | Response | Message, category: str) -> dict[str, Generator]:
    return {
        path: generator
        for name in _NAMES.get(category, (category,))
        for path, generator in (part.generators.get(name) or {}).items()
    }


def _named(
    generators: Mapping[str, Generator], example: Mapping[str, Sequence[Any]], make: Make
) -> dict[str, tuple[Any, ...]]:
    """Apply generators by name ("id"), or name and position ("$.id[0]", "id[0]"); case does not matter."""
    found = {_steps(key.lower()): generator for key, generator in generators.items()}
    return {
        name: tuple(
            _text(found.get((name.lower(),)) or found.get((name.lower(), position)), value, make)
            for position, value in enumerate(texts)
        )
        for name, texts in example.items()
    }


def _text(generator: Generator | None, example: str | None, make: Make) -> str | None:
    made = make(generator, example) if generator else example
    if isinstance(made, bool):  # as JSON writes it, not as Python does
        return str(made).lower()
    return None if made is None else str(made)


def _in_body(generators: Mapping[str, Generator], body: Body, make: Make) -> Body:
    """Apply generators to JSON and to forms; other content is left as it is."""
    if not generators or body.presence is not Presence.PRESENT or isinstance(body.value, bytes):
        return body
    if not isinstance(body.value, str):
        value = body.value
        for path, generator in generators.items():
            value = _replaced(value, _steps(path), partial(make, generator))
        return replace(body, value=value)
    if media_type(body.content_type) != FORM:
        return body
    fields = _named(generators, read_query(body.value), make)
    return replace(
        body,
        value=urlencode(
            [(name, value or "") for name, texts in fields.items() for value in texts], errors="surrogatepass"
        ),
    )


def _steps(path: str) -> tuple[Token, ...]:
    """Parse a path expression; text that is not one is the name of a single step."""
    try:
        return parse_path(path if path.startswith("$") else f"$.{path}")
    except PathSyntaxError:
        return (path,)


def _replaced(value: object, path: Sequence[Token], make: Callable[[Any], Any]) -> Any:
    if not path:
        return make(value)
    step, rest = path[0], path[1:]
    if isinstance(value, dict):
        return {
            name: _replaced(item, rest, make) if step in (name, Wildcard.ANY) else item
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [
            _replaced(item, rest, make) if step in (index, Wildcard.ANY, Wildcard.ANY_INDEX) else item
            for index, item in enumerate(value)
        ]
    return value
