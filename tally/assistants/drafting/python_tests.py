"""A test for pytest, with this project's SDK."""

import json
from typing import Any

from tally.assistants.drafting.interaction import (
    Content,
    Drafted,
    EachValue,
    Fields,
    Items,
    Leaf,
    NamedLeaves,
    Node,
    example_of,
)
from tally.assistants.drafting.source_text import Group, Part, group, laid_out
from tally.assistants.drafting.source_text import python_text as text
from tally.assistants.drafting.written import Written, content_headers, sent, words_of
from tally.pact.bodies import is_json

_TEST = '''\
"""A draft of a consumer test. Replace the plain request by a call of the client that is tested."""

import requests
{imports}

def test_{name}(pact_between):
    provider = pact_between({consumer}, {provider})
    (
        provider.upon_receiving({description})
{states}        .with_request({request})
        .will_respond_with({response})
    )

    with provider.in_process() as url:
        # TO FILL IN: call your own client here, with this URL, in place of this plain request.
        response = requests.request({sent})

    # TO FILL IN: check here what your client makes of the answer.
    assert response.status_code == {status}
'''
_NAMED = {
    "integer": "integer",
    "decimal": "decimal",
    "number": "number",
    "boolean": "boolean",
    "type": "like",
}
_WITH_DETAIL = frozenset({"regex", "date", "time", "timestamp"})


def python_test(drafted: Drafted) -> Written:
    """Return the test."""
    request, response = drafted.request, drafted.response
    asked: list[tuple[str, Part]] = [("", text(request.method)), ("", _leaf(request.path))]
    asked += [("query=", _named(request.query))] if request.query else []
    asked += _parts(request.headers, request.body)
    answered: list[tuple[str, Part]] = [("", str(response.status)), *_parts(response.headers, response.body)]
    body = laid_out(Group("(", tuple(asked), ")"), 8, before=13)
    answer = laid_out(Group("(", tuple(answered), ")"), 8, before=18)
    name = "_".join(words_of(drafted))
    source = _TEST.format(
        imports=_imports(body + answer),
        name=name,
        consumer=text(drafted.consumer),
        provider=text(drafted.provider),
        description=text(drafted.description),
        states="".join(_state(state.name, state.params) for state in drafted.states),
        request=body[1:-1],
        response=answer[1:-1],
        sent=_sent(drafted),
        status=response.status,
    )
    file = f"test_{name}.py"
    return Written(file, source, ("Run: pip install 'tallystick[consumer]' pytest", f"Run: pytest {file}"))


def _imports(source: str) -> str:
    names = [name for name in ("bodies", "match") if f"{name}." in source]
    return f"from consumer_sdk import {', '.join(names)}\n" if names else ""


def _parts(headers: NamedLeaves, body: Content | None) -> list[tuple[str, Part]]:
    parts: list[tuple[str, Part]] = []
    if headers or body:
        parts.append(("headers=", _named(content_headers(headers, body.kind if body else None))))
    return [*parts, ("body=", _body(body))] if body else parts


def _body(body: Content) -> Part:
    if body.node is not None:
        return _node(body.node) if not isinstance(example_of(body.node), str) else _root_text(body.node)
    if body.any_text:
        return f"bodies.text(match.like({text(body.text)}), {text(body.kind)})"
    return text(body.text)


def _root_text(node: Node) -> Part:
    """Return a body of JSON that is a text: as the SDK wants it, the text of JSON, or with its rule."""
    if isinstance(node, Leaf) and not node.rule:
        return text(json.dumps(node.value))
    return _node(node)


def _state(name: str, params: dict[str, Any]) -> str:
    given = f", {laid_out(_plain(params), 8, before=len(text(name)) + 9)}" if params else ""
    return f"        .given({text(name)}{given})\n"


def _named(leaves: NamedLeaves) -> Part:
    parts = []
    for name, values in leaves:
        several = group("[", map(_leaf, values), "]")
        parts.append((f"{text(name)}: ", several if len(values) != 1 else _leaf(values[0])))
    return Group("{", tuple(parts), "}")


def _node(node: Node) -> Part:
    match node:
        case Leaf():
            return _leaf(node)
        case Fields():
            return Group("{", tuple((f"{text(name)}: ", _node(item)) for name, item in node.items), "}")
        case Items():
            return group("[", map(_node, node.items), "]")
        case EachValue():
            return Group("match.each_value({", ((f"{text(node.key)}: ", _node(node.item)),), "})")
        case _:
            limits = [("minimum=", str(node.least))] if node.least != 1 else []
            limits += [("maximum=", str(node.most))] if node.most is not None else []
            return Group("match.each_like(", (("", _node(node.item)), *limits), ")")


def _leaf(leaf: Leaf) -> str:
    value = literal(leaf.value)
    if not leaf.rule:
        return value
    if leaf.rule == "null":
        return "match.null()"
    if leaf.rule == "include":
        return f"match.includes({text(leaf.detail)}, {value})"
    if leaf.rule in _WITH_DETAIL:
        return f"match.{leaf.rule}({value}, {_expression(leaf.detail)})"
    return f"match.{_NAMED[leaf.rule]}({value})"


def _expression(detail: str) -> str:
    """Return an expression as people write it, where that is the same text."""
    is_raw = detail.isprintable() and '"' not in detail and not detail.endswith("\\")
    return f'r"{detail}"' if is_raw and "\\" in detail else text(detail)


def literal(value: Any) -> str:
    """Return a value of JSON as Python writes it, on one line."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, dict):
        return f"{{{', '.join(f'{text(name)}: {literal(item)}' for name, item in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if value is None or isinstance(value, bool):
        return str(value)
    return int.__repr__(value) if isinstance(value, int) else float.__repr__(value)


def _plain(value: Any) -> Part:
    if isinstance(value, dict):
        return Group("{", tuple((f"{text(name)}: ", _plain(item)) for name, item in value.items()), "}")
    return group("[", map(_plain, value), "]") if isinstance(value, list) else literal(value)


def _sent(drafted: Drafted) -> str:
    request = drafted.request
    body = request.body
    parts: list[tuple[str, Part]] = [("", text(request.method)), ("", f"url + {text(request.address)}")]
    headers = sent(content_headers(request.headers, body.kind if body else None))
    if headers:
        named = tuple((f"{text(name)}: ", text(value)) for name, value in headers)
        parts.append(("headers=", Group("{", named, "}")))
    if body and body.node is not None and is_json(body.kind):
        parts.append(("json=", _plain(example_of(body.node))))
    elif body:
        parts.append(("data=", f"{text(body.text)}.encode()"))
    parts += [("timeout=", "10"), ("allow_redirects=", "False")]
    return laid_out(Group("(", tuple(parts), ")"), 8, before=27)[1:-1]
