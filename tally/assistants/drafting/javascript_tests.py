"""A test for pact-js, version 4 of the specification, that Node's own test runner runs."""

import json
import re
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
    nodes_of,
)
from tally.assistants.drafting.source_text import Group, Part, group, laid_out
from tally.assistants.drafting.source_text import javascript_text as text
from tally.assistants.drafting.written import Written, content_headers, sent, words_of

_TEST = """\
// A draft of a consumer test. Replace the plain request by a call of the client that is tested.
import assert from 'node:assert/strict';
import {{ test }} from 'node:test';
import {{ {imports} }} from '@pact-foundation/pact';
{matchers}
const pact = new PactV4({{ consumer: {consumer}, provider: {provider} }});

test({description}, async () => {{
    await pact
        .addInteraction()
{states}        .uponReceiving({description})
        .withRequest({request})
        .willRespondWith({response})
        .executeTest(async (server) => {{
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


def javascript_test(drafted: Drafted) -> Written:
    """Return the test."""
    writing = _Writing()
    request, response = drafted.request, drafted.response
    asked: list[tuple[str, Part]] = [("", text(request.method)), ("", writing.leaf(request.path))]
    asked += writing.builder(request.query, request.headers, request.body)
    answered = [("", str(response.status)), *writing.builder((), response.headers, response.body)]
    declared = laid_out(Group("(", tuple(asked), ")"), 8, before=13)
    answer = laid_out(Group("(", tuple(answered), ")"), 8, before=17)
    used = [name for name in _ALL if name in writing.used]
    source = _TEST.format(
        imports="MatchersV3, PactV4" if used else "PactV4",
        matchers=f"\nconst {{ {', '.join(used)} }} = MatchersV3;" if used else "",
        consumer=text(drafted.consumer),
        provider=text(drafted.provider),
        description=text(drafted.description),
        states="".join(_state(state.name, state.params) for state in drafted.states),
        request=declared[1:-1],
        response=answer[1:-1],
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

    def builder(
        self, query: NamedLeaves, headers: NamedLeaves, body: Content | None
    ) -> list[tuple[str, Part]]:
        """Return the function that declares what is in a request or a response, if anything is."""
        parts: list[tuple[str, Part]] = []
        if query:
            parts.append((".query", Group("(", (("", self._named(query)),), ")")))
        if headers or body:
            named = content_headers(headers, body.kind if body else None)
            joined = tuple((name, _joined(leaves)) for name, leaves in named)
            parts.append((".headers", Group("(", (("", self._named(joined)),), ")")))
        if body:
            parts.append(self._body(body))
        if not parts:
            return []
        calls = "".join(
            f"\n                    {name}{laid_out(part, 20, before=len(name))}" for name, part in parts
        )
        return [("", f"(builder) => {{\n                builder{calls};\n            }}")]

    def sent(self, drafted: Drafted) -> str:
        request, body = drafted.request, drafted.request.body
        parts: list[tuple[str, Part]] = [("method: ", text(request.method))]
        headers = sent(content_headers(request.headers, body.kind if body else None))
        if headers:
            named = tuple((f"{_key(name)}: ", text(value)) for name, value in headers)
            parts.append(("headers: ", Group("{ ", named, " }")))
        if body and request.method in {"GET", "HEAD"}:
            self.notes.append("The request's body is not sent: fetch sends none with GET and HEAD.")
        elif body:
            value = _plain(example_of(body.node)) if body.node is not None else text(body.text)
            is_json = body.node is not None
            parts.append(("body: ", Group("JSON.stringify(", (("", value),), ")") if is_json else value))
        parts.append(("redirect: ", text("manual")))
        options = Group("{ ", tuple(parts), " }")
        whole = Group("(", (("", f"server.url + {text(request.address)}"), ("", options)), ")")
        return laid_out(whole, 12, before=28)[1:-1]

    def _named(self, leaves: NamedLeaves) -> Part:
        parts = []
        for name, values in leaves:
            several = group("[", map(self.leaf, values), "]")
            parts.append((f"{_key(name)}: ", several if len(values) != 1 else self.leaf(values[0])))
        return Group("{ ", tuple(parts), " }")

    def _body(self, body: Content) -> tuple[str, Part]:
        if body.node is None:
            if body.any_text:
                self.notes.append("The rule of a text body is left out: the text must be equal.")
            return ".body", Group("(", (("", text(body.kind)), ("", f"Buffer.from({text(body.text)})")), ")")
        if any(key.startswith(_RESERVED) for key in _keys_of(body.node)):
            self.notes.append('The rules of a body are left out: it has keys that begin with "pact:".')
            content = f"Buffer.from({text(json.dumps(example_of(body.node), ensure_ascii=False))})"
            return ".body", Group("(", (("", text(body.kind)), ("", content)), ")")
        return ".jsonBody", Group("(", (("", self._node(body.node)),), ")")

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
            case Each():
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


def _joined(leaves: tuple[Leaf, ...]) -> tuple[Leaf, ...]:
    """Return one value: pact-js declares one for each header of a response."""
    if len(leaves) == 1:
        return leaves
    return (Leaf(", ".join(leaf.value for leaf in leaves)),)


def _key(name: str) -> str:
    if name == "__proto__":
        return f"[{text(name)}]"  # as a plain key it would name the prototype of the object
    return name if _PLAIN_KEY.fullmatch(name) else text(name)


def _keys_of(node: Node) -> list[str]:
    found = [each.key for each in nodes_of(node) if isinstance(each, EachValue)]
    return found + [name for each in nodes_of(node) if isinstance(each, Fields) for name, _ in each.items]


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
