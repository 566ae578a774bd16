"""A test for pact-js that Node's own test runner runs.

The class is PactV3, which writes version 4 as well: PactV4 declares bodies of application/json alone; of all
others it declares the type, and not what they say.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tally.assistants.drafting.interaction import (
    Content,
    Drafted,
    Each,
    EachValue,
    Fields,
    Items,
    Leaf,
    NamedLeaves,
    Node,
    example_of,
)
from tally.assistants.drafting.source_text import Group, Part, group, laid_out
from tally.assistants.drafting.source_text import javascript_text as text
from tally.assistants.drafting.written import Written, content_headers, sent, words_of

_TEST = """\
// A draft of a consumer test. Replace the plain request by a call of the client that is tested.
import assert from 'node:assert/strict';
import {{ test }} from 'node:test';
import {{ {imports} }} from '@pact-foundation/pact';

{matchers}const pact = new PactV3({{
    consumer: {consumer},
    provider: {provider},
    spec: SpecificationVersion.SPECIFICATION_VERSION_V4,
}});

test({description}, async () => {{
    pact
{states}        .uponReceiving({description})
        .withRequest({request})
        .willRespondWith({response});

    await pact.executeTest(async (server) => {{
        // TO FILL IN: call your own client here, with server.url, in place of this plain request.
        const response = await fetch({sent});

        // TO FILL IN: check here what your client makes of the answer.
        assert.equal(response.status, {status});
    }});
}});
"""
_MATCHERS = ("integer", "decimal", "number", "boolean", "date", "time", "timestamp", "regex")
_ALL = (
    "atLeastLike",
    "atMostLike",
    "boolean",
    "constrainedArrayLike",
    "date",
    "decimal",
    "eachKeyLike",
    "eachLike",
    "includes",
    "integer",
    "like",
    "nullValue",
    "number",
    "regex",
    "time",
    "timestamp",
)
_RESERVED = "pact:"
"""How the keys begin that Pact's core takes for matchers, in a body of JSON."""
_PLAIN_KEY = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_LARGEST = 2**53
_END = "\0"


def javascript_test(drafted: Drafted) -> Written:
    """Return the test."""
    writing = _Writing()
    drafted = writing.sendable(writing.without_ends(drafted))
    request, response = drafted.request, drafted.response
    asked = [("method: ", text(request.method)), ("path: ", writing.leaf(request.path))]
    if request.query:
        asked.append(("query: ", writing.named(request.query)))
    asked += writing.content(request.headers, request.body, "request")
    answered: list[tuple[str, Part]] = [("status: ", str(response.status))]
    answered += writing.content(response.headers, response.body, "response")
    used = [name for name in _ALL if name in writing.used]
    source = _TEST.format(
        imports=f"{'MatchersV3, ' if used else ''}PactV3, SpecificationVersion",
        matchers=f"const {{ {', '.join(used)} }} = MatchersV3;\n" if used else "",
        consumer=text(drafted.consumer),
        provider=text(drafted.provider),
        description=text(drafted.description),
        states="".join(_state(state.name, state.params) for state in drafted.states),
        request=laid_out(Group("{ ", tuple(asked), " }"), 8, before=14),
        response=laid_out(Group("{ ", tuple(answered), " }"), 8, before=18),
        sent=writing.sent(drafted),
        status=response.status,
    )
    file = f"{'-'.join(words_of(drafted))}.pact.test.mjs"
    commands = ("Run: npm install --save-dev @pact-foundation/pact", f"Run: node --test {file}")
    return Written(file, source, commands, tuple(writing.notes))


def _state(name: str, params: dict[str, Any]) -> str:
    given = f", {laid_out(_plain(params), 8, before=len(text(name)) + 9)}" if params else ""
    return f"        .given({text(name)}{given})\n"


class _Writing:
    def __init__(self) -> None:
        self.used: set[str] = set()
        self.notes: list[str] = []

    def sendable(self, drafted: Drafted) -> Drafted:
        """Return the draft without what the client cannot send."""
        request = drafted.request
        if request.body is None or request.method not in {"GET", "HEAD"}:
            return drafted
        self.notes.append("request body: left out: fetch sends none with GET and HEAD.")
        return replace(drafted, request=replace(request, body=None))

    def without_ends(self, drafted: Drafted) -> Drafted:
        """Return the draft without the sign that ends a text for Pact's core, outside of JSON."""
        request = drafted.request
        query = tuple(
            (name, leaves)
            for name, leaves in request.query
            if not _has_end(name, *(each.value for each in leaves))
        )
        if len(query) < len(request.query):
            self.notes.append("A query parameter is left out: NUL ends a text for pact-js.")
        states = tuple(replace(state, name=_without_end(state.name)) for state in drafted.states)
        path = replace(request.path, value=request.path.value.replace(_END, "%00"))
        return replace(
            drafted,
            description=_without_end(drafted.description),
            states=states,
            request=replace(request, path=path, query=query),
        )

    def content(self, headers: NamedLeaves, body: Content | None, side: str) -> list[tuple[str, Part]]:
        """Return what declares the headers and the body of a request or a response."""
        declared = self._body(body, side) if body else None
        named = tuple(
            (name, leaves if len(leaves) == 1 else (Leaf(", ".join(leaf.value for leaf in leaves)),))
            for name, leaves in content_headers(headers, body.kind if body else None)
        )  # several values of a header are one line, as fetch sends them
        parts: list[tuple[str, Part]] = [("headers: ", self.named(named))] if named else []
        return [*parts, ("body: ", declared)] if declared is not None else parts

    def sent(self, drafted: Drafted) -> str:
        request, body = drafted.request, drafted.request.body
        parts: list[tuple[str, Part]] = [("method: ", text(request.method))]
        headers = sent(content_headers(request.headers, body.kind if body else None))
        if headers:
            named = tuple((f"{_key(name)}: ", text(value)) for name, value in headers)
            parts.append(("headers: ", Group("{ ", named, " }")))
        if body:
            value = _plain(example_of(body.node)) if body.node is not None else text(body.text)
            is_json = body.node is not None
            parts.append(("body: ", Group("JSON.stringify(", (("", value),), ")") if is_json else value))
        parts.append(("redirect: ", text("manual")))
        options = Group("{ ", tuple(parts), " }")
        whole = Group("(", (("", f"server.url + {text(request.address)}"), ("", options)), ")")
        return laid_out(whole, 8, before=28)[1:-1]

    def named(self, leaves: NamedLeaves) -> Part:
        parts = []
        for name, values in leaves:
            several = group("[", map(self.leaf, values), "]")
            parts.append((f"{_key(name)}: ", several if len(values) != 1 else self.leaf(values[0])))
        return Group("{ ", tuple(parts), " }")

    def _body(self, body: Content, side: str) -> Part | None:
        if body.node is None:
            if body.any_text:
                self.notes.append(f"{side} body: its rule is left out: the text must be equal.")
            return text(body.text)
        if any(key.startswith(_RESERVED) for key in _keys_of(example_of(body.node))):
            self.notes.append(f'{side} body: left out: pact-js reads keys that begin with "pact:" itself.')
            return None
        example = example_of(body.node)
        if isinstance(body.node, Leaf) and not body.node.rule and not isinstance(example, dict | list):
            return text(json.dumps(example))  # the text of JSON, as pact-js takes texts for it
        return self._node(body.node)

    def _node(self, node: Node) -> Part:
        match node:
            case Leaf():
                return self.leaf(node)
            case Fields():
                parts = tuple((f"{_key(name)}: ", self._node(item)) for name, item in node.items)
                return Group("{ ", parts, " }") if parts else "{}"
            case Items():
                return group("[", map(self._node, node.items), "]")
            case EachValue():
                return self._call("eachKeyLike", text(node.key), self._node(node.item))
            case _:
                return self._each(node)

    def _each(self, node: Each) -> Part:
        item = self._node(node.item)
        examples = str(max(node.least, 1))
        if node.most is not None:
            return self._call("constrainedArrayLike", item, str(node.least), str(node.most), examples)
        if node.least == 1:
            return self._call("eachLike", item)
        return self._call("atLeastLike", item, str(node.least), examples)

    def _call(self, name: str, *parts: Part) -> Group:
        self.used.add(name)
        return group(f"{name}(", parts, ")")

    def leaf(self, leaf: Leaf) -> Part:
        value = self._literal(leaf.value)
        match leaf.rule:
            case "":
                return value
            case "null":
                return self._call("nullValue")
            case "regex" | "date" | "time" | "timestamp":
                return self._call(leaf.rule, text(leaf.detail), value)
            case "include":
                if leaf.value != leaf.detail:
                    self.notes.append("An example of a text that contains another is left out.")
                return self._call("includes", text(leaf.detail))
            case "decimal" if float(leaf.value).is_integer():
                return self._call("number", value)  # JavaScript writes 2.0 as 2, which is no decimal
        return self._call(leaf.rule if leaf.rule in _MATCHERS else "like", value)

    def _literal(self, value: Any) -> str:
        if isinstance(value, int) and abs(value) > _LARGEST:
            self.notes.append(f"The number {value} loses digits: JavaScript's numbers have 53 bits.")
        return literal(value)


def _has_end(*texts: str) -> bool:
    return any(_END in text for text in texts)


def _without_end(text: str) -> str:
    return text.replace(_END, "\N{REPLACEMENT CHARACTER}")


def _key(name: str) -> str:
    if name == "__proto__":
        return f"[{text(name)}]"  # as a plain key it would name the prototype of the object
    return name if _PLAIN_KEY.fullmatch(name) else text(name)


def _keys_of(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _keys_of(item)


def literal(value: Any) -> str:
    """Return a value of JSON as JavaScript writes it, on one line."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, dict):
        parts = ", ".join(f"{_key(name)}: {literal(item)}" for name, item in value.items())
        return f"{{ {parts} }}" if parts else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    return json.dumps(value)


def _plain(value: Any) -> Part:
    if isinstance(value, dict) and value:
        return Group("{ ", tuple((f"{_key(name)}: ", _plain(item)) for name, item in value.items()), " }")
    return group("[", map(_plain, value), "]") if isinstance(value, list) else literal(value)
