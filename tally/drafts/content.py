"""Bodies of a draft: by content type, without secrets, bounded, with rules."""

import base64
import re
from collections.abc import Sequence
from dataclasses import field
from typing import Any
from urllib.parse import urlencode

from tally import json_text
from tally.drafts.exchanges import Part
from tally.drafts.secrets import redacted_json, redacted_pairs, without_secrets
from tally.drafts.shapes import LEFT_OUT, RuleSet, shape_of
from tally.drafts.text_kinds import TYPE
from tally.matching.content import content_type_problem
from tally.pact.bodies import is_json, is_xml
from tally.pact.http_parts import read_query
from tally.values import dataclass

MOST_TEXT = 64 * 1024
MOST_BINARY = 16 * 1024
"""Bytes of a body in a draft; a contract of more says nothing that a person would read."""
_FORM = "application/x-www-form-urlencoded"
_TEXT = re.compile(
    r"text/(?!event-stream).*|application/(javascript|ecmascript|x-ndjson|jsonl|yaml|x-yaml|graphql|sql)"
)


@dataclass(frozen=True)
class DraftedBody:
    """What a pact file has for a body (None when nothing), its rules, and what a person must know of it."""

    document: Any = None
    rules: dict[str, RuleSet] = field(default_factory=dict)
    redacted: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Purpose:
    """For which *side* a body is drafted, request or response, in which version of the *specification*."""

    side: str
    specification: str

    @property
    def is_request(self) -> bool:
        """Whether the body is sent to the provider as it is."""
        return self.side == "request"


def drafted_body(parts: Sequence[Part], purpose: Purpose) -> DraftedBody:
    """Return the body of the first of *parts* that is known, with the rules that all of them satisfy."""
    kind = parts[0].media_type
    known = [part for part in parts if part.body and not part.unknown and part.media_type == kind]
    if not known:
        unknown = next((part.unknown for part in parts if part.unknown), "")
        return _without(unknown) if unknown else DraftedBody()
    if len(known) < len(parts):
        some = DraftedBody(questions=("the body was not always there, or of another content type",))
    else:
        some = DraftedBody()
    if is_json(kind) or (not kind and _looks_like_json(known)):
        return _json(known, purpose, some)
    if kind.startswith("multipart/"):
        return _without("a multipart body is left out: declare it in a test")
    if kind == "text/event-stream":
        return _without("a stream of events is left out: declare its events as messages")
    return _other(known[0], kind, purpose)


def _looks_like_json(parts: Sequence[Part]) -> bool:
    return all(part.body.lstrip()[:1] in (b"{", b"[") for part in parts)


def _without(question: str) -> DraftedBody:
    return DraftedBody(questions=(question,))


def _json(parts: Sequence[Part], purpose: Purpose, some: DraftedBody) -> DraftedBody:
    values = []
    redacted: dict[str, None] = {}
    for part in parts:
        try:
            value = _read_json(part.body)
        except (ValueError, RecursionError) as error:
            return _without(f"the body is left out: it says that it is JSON, but {_reason(error)}")
        values.append(redacted_json(value, redacted.setdefault))
    shape = shape_of(values, purpose.specification, exact=purpose.is_request)
    if purpose.is_request:
        _keep_operations(shape.example, shape.rules)
    questions = (*some.questions, *shape.questions)
    if shape.example is LEFT_OUT or shape.example in (None, ""):
        return DraftedBody(redacted=tuple(redacted), questions=questions)
    if len(json_text.compact(shape.example)) > MOST_TEXT:
        return _without(_too_large(MOST_TEXT))
    document = _json_document(shape.example, parts[0], purpose)
    return DraftedBody(document, shape.rules, tuple(redacted), questions)


def _read_json(content: bytes) -> Any:
    """Return JSON with its digits; raises ValueError for what a pact file cannot hold."""
    text = content.decode("utf-8-sig")
    json_text.refuse_halves(json_text.read_plainly(text))
    return json_text.read(text)


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return str(error) if isinstance(error, json_text.UnacceptableError) else "it is none"


def _keep_operations(example: Any, rules: dict[str, RuleSet]) -> None:
    """Let what an operation is called be equal: of GraphQL its text, of JSON-RPC its method."""
    if isinstance(example, dict) and ("jsonrpc" in example or is_graphql(example)):
        for name in ("query", "operationName", "method", "jsonrpc"):
            rules.pop(f"$.{name}", None)


def is_graphql(body: Any) -> bool:
    """Whether the body of a request is a GraphQL operation."""
    query = body.get("query") if isinstance(body, dict) else None
    return isinstance(query, str) and "{" in query


def operation_of(part: Part) -> str:
    """Return what a request asks for where its path does not say it: by GraphQL or JSON-RPC; else ""."""
    if not is_json(part.media_type) or len(part.body) > MOST_TEXT:
        return ""
    try:
        body = _read_json(part.body)
    except (ValueError, RecursionError):
        return ""
    if is_graphql(body):
        named = re.search(r"\b(?:query|mutation|subscription)\s+(\w+)", body["query"])
        name = body.get("operationName")
        return name if isinstance(name, str) and name else named[1] if named else "unnamed operation"
    method = body.get("method") if isinstance(body, dict) and "jsonrpc" in body else None
    return method if isinstance(method, str) else ""


def _json_document(value: Any, part: Part, purpose: Purpose) -> Any:
    if purpose.specification == "V4":
        return {"content": value, "contentType": part.media_type or "application/json", "encoded": False}
    return json_text.compact(value) if isinstance(value, str) else value


def _other(part: Part, kind: str, purpose: Purpose) -> DraftedBody:
    text = _text_of(part, kind)
    if text is None:
        return _binary(part, kind, purpose)
    if len(part.body) > MOST_TEXT:
        return _without(_too_large(MOST_TEXT))
    redacted: list[str] = []
    if kind == _FORM:
        pairs = tuple((name, value or "") for name, values in read_query(text).items() for value in values)
        clean = urlencode(redacted_pairs(pairs, redacted.append))
        rules = {f"$.{name}": _set(TYPE) for name in redacted if re.fullmatch(r"\w+", name)}
    else:
        clean = without_secrets(text)
        if clean != text:
            redacted.append("a part of the text")
        rules = {}
    if not purpose.is_request and is_xml(kind):
        return _without("XML is left out: declare in a test the elements that the consumer reads")
    if not purpose.is_request:
        rules = {"$": _set(TYPE)}
    return DraftedBody(_text_document(clean, kind, purpose), rules, tuple(redacted))


def _text_of(part: Part, kind: str) -> str | None:
    if kind and not (_TEXT.fullmatch(kind) or is_xml(kind) or kind == _FORM):
        return None
    charset = re.search(r'charset\s*=\s*"?([\w.:-]+)', part.header("content-type"), re.IGNORECASE)
    try:
        text = part.body.decode(charset[1] if charset else "utf-8")
    except (UnicodeDecodeError, LookupError):
        return None
    return None if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text) else text


def _text_document(text: str, kind: str, purpose: Purpose) -> Any:
    if purpose.specification == "V4":
        return {"content": text, "contentType": kind or "text/plain", "encoded": False}
    return text


def _binary(part: Part, kind: str, purpose: Purpose) -> DraftedBody:
    if len(part.body) > MOST_BINARY:
        return _without(_too_large(MOST_BINARY))
    is_known = bool(kind) and content_type_problem(part.body, kind) is None
    if not purpose.is_request and not is_known:
        return _without(f"a body of {kind or 'no content type'} is left out: what it is cannot be recognised")
    content = base64.b64encode(part.body).decode()
    document: Any = content
    if purpose.specification == "V4":
        document = {
            "content": content,
            "contentType": kind or "application/octet-stream",
            "encoded": "base64",
        }
    rules = {} if purpose.is_request else {"$": _set({"match": "contentType", "value": kind})}
    question = f"a body of {kind or 'no content type'} is in the file as it was: look for secrets in it"
    return DraftedBody(document, rules, (), (question,))


def _set(rule: Any) -> RuleSet:
    return {"matchers": [rule], "combine": "AND"}


def _too_large(most: int) -> str:
    return f"the body is left out: it is larger than {most // 1024} KiB"
