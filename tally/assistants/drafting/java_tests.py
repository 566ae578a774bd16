"""A test for pact-jvm, with JUnit 5 and the HTTP client of Java."""

import json
from typing import Any

from tally.assistants.drafting.interaction import Content, Drafted, Leaf, NamedLeaves, example_of
from tally.assistants.drafting.java_bodies import JavaBody, literal
from tally.assistants.drafting.source_text import java_text as text
from tally.assistants.drafting.written import Written, content_headers, words_of

_TEST = """\
import static org.junit.jupiter.api.Assertions.assertEquals;

{imports}

/** A draft of a consumer test. Replace the plain request by a call of the client that is tested. */
@ExtendWith(PactConsumerTestExt.class)
@PactTestFor(providerName = {provider}, pactVersion = PactSpecVersion.V4)
class {name} {{
    @Pact(provider = {provider}, consumer = {consumer})
    V4Pact pact(PactBuilder builder) {{
        return builder
{states}            .expectsToReceiveHttpInteraction({description}, http -> http
                .withRequest(request -> request{request})
                .willRespondWith(response -> response{response}))
            .toPact();
    }}

    @Test
    @PactTestFor(pactMethod = "pact")
    void test(MockServer server) throws Exception {{
        // TO FILL IN: call your own client here, with server.getUrl(), in place of this plain request.
        HttpRequest request = HttpRequest.newBuilder(URI.create(server.getUrl() + {address}))
{headers}            .method({method}, {publisher})
            .build();
        HttpClient client = HttpClient.newHttpClient();
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());

        // TO FILL IN: check here what your client makes of the answer.
        assertEquals({status}, response.statusCode());
    }}
}}
"""
_IMPORTS = (
    "au.com.dius.pact.consumer.MockServer",
    "au.com.dius.pact.consumer.dsl.PactBuilder",
    "au.com.dius.pact.consumer.junit5.PactConsumerTestExt",
    "au.com.dius.pact.consumer.junit5.PactTestFor",
    "au.com.dius.pact.core.model.PactSpecVersion",
    "au.com.dius.pact.core.model.V4Pact",
    "au.com.dius.pact.core.model.annotations.Pact",
    "java.net.URI",
    "java.net.http.HttpClient",
    "java.net.http.HttpRequest",
    "java.net.http.HttpResponse",
    "org.junit.jupiter.api.Test",
    "org.junit.jupiter.api.extension.ExtendWith",
)
_RULES = "au.com.dius.pact.core.model.matchingrules"
_WHERE_NEEDED = {
    "LambdaDsl.": "au.com.dius.pact.consumer.dsl.LambdaDsl",
    "Matchers.": "au.com.dius.pact.consumer.dsl.Matchers",
    "PactDslJsonRootValue.": "au.com.dius.pact.consumer.dsl.PactDslJsonRootValue",
    "Arrays.asList(": "java.util.Arrays",
    "Collections.singletonList(": "java.util.Collections",
    "List.of(": "java.util.List",
    "Map.of": "java.util.Map",
    "Map.entry(": "java.util.Map",
    "new BigInteger(": "java.math.BigInteger",
}
_PART = "\n                    "


def java_test(drafted: Drafted) -> Written:
    """Return the test."""
    body = JavaBody()
    asked, answered = drafted.request, drafted.response
    calls = [f".method({text(asked.method)})", f".path({_value(asked.path)})"]
    calls += [f".queryParameter({text(name)}, {_values(leaves)})" for name, leaves in asked.query]
    calls += _parts(asked.headers, asked.body, body)
    answers = [f".status({answered.status})", *_parts(answered.headers, answered.body, body)]
    for state in drafted.states:
        body.note_lost(state.params)
    name = "".join(word.capitalize() for word in words_of(drafted))
    name = f"{name if name[0].isalpha() else f'Interaction{name}'}PactTest"
    parts = {
        "provider": text(drafted.provider),
        "consumer": text(drafted.consumer),
        "description": text(drafted.description),
        "states": "".join(_state(state.name, state.params) for state in drafted.states),
        "request": "".join(_PART + call for call in calls),
        "response": "".join(_PART + call for call in answers),
        "address": text(asked.address),
        "headers": _sent(drafted),
        "method": text(asked.method),
        "publisher": _publisher(asked.body),
        "status": answered.status,
    }
    source = "".join(str(part) for part in parts.values())
    source = _TEST.format(name=name, imports=_imports(source, body.classes), **parts)
    file = f"{name}.java"
    commands = (
        "Have au.com.dius.pact.consumer:junit5 (4.6 or newer) and JUnit 5 among the test dependencies.",
        f"Put it in src/test/java and run: mvn test -Dtest={name} (Gradle: ./gradlew test --tests {name})",
    )
    return Written(file, source, commands, tuple(body.notes))


def _imports(source: str, classes: set[str]) -> str:
    names = [*_IMPORTS, *(f"{_RULES}.{name}" for name in classes)]
    names += [name for sign, name in _WHERE_NEEDED.items() if sign in source]
    return "\n".join(f"import {name};" for name in sorted(set(names)))


def _parts(headers: NamedLeaves, content: Content | None, body: JavaBody) -> list[str]:
    kind = content.kind if content else None
    calls = [f".header({text(name)}, {_list(leaves)})" for name, leaves in content_headers(headers, kind)]
    if content is None:
        return calls
    if content.node is not None:
        return [*calls, f".body({body.expression(content.node, _PART[1:])})"]
    if content.any_text:
        body.notes.append("The rule of a text body is left out: the text must be equal.")
    return [*calls, f".body({text(content.text)}, {text(content.kind)})"]


def _state(name: str, params: dict[str, Any]) -> str:
    given = literal(params).removeprefix("Map.")
    return f"            .given({text(name)}{f', Map.<String, Object>{given}' if params else ''})\n"


def _list(leaves: tuple[Leaf, ...]) -> str:
    # A text by itself would be taken apart at its commas.
    is_simple = len(leaves) == 1 and leaves[0].rule
    return _value(leaves[0]) if is_simple else f"List.of({', '.join(map(_value, leaves))})"


def _values(leaves: tuple[Leaf, ...]) -> str:
    return _value(leaves[0]) if len(leaves) == 1 else f"List.of({', '.join(map(_value, leaves))})"


def _value(leaf: Leaf) -> str:
    """Return a value of a path, a header or a query, which are texts."""
    value = text(leaf.value)
    match leaf.rule:
        case "regex":
            return f"Matchers.regexp({text(leaf.detail)}, {value})"
        case "type":
            return f"Matchers.string({value})"
        case "date" | "time" | "timestamp":
            return f"Matchers.{leaf.rule}({text(leaf.detail)}, {value})"
    return value


def _sent(drafted: Drafted) -> str:
    body = drafted.request.body
    headers = content_headers(drafted.request.headers, body.kind if body else None)
    # Several values are several lines: pact-jvm does not take a line apart that somebody joined.
    lines = [(name, leaf.value) for name, leaves in headers for leaf in leaves]
    return "".join(f"            .header({text(name)}, {text(value)})\n" for name, value in lines)


def _publisher(body: Content | None) -> str:
    if body is None:
        return "HttpRequest.BodyPublishers.noBody()"
    content = body.text if body.node is None else json.dumps(example_of(body.node), ensure_ascii=False)
    return f"HttpRequest.BodyPublishers.ofString({text(content)})"
