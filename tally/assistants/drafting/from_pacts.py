"""An interaction of a pact as a draft: without secrets, and with what it can and cannot say."""

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from tally import json_text
from tally.assistants.answers import ToolError, quoted
from tally.assistants.drafting.interaction import (
    AskedRequest,
    Content,
    Drafted,
    ExpectedResponse,
    Leaf,
    NamedLeaves,
)
from tally.assistants.drafting.rules_of_places import PlaceRules, TooDeepError
from tally.drafts.path_templates import read_path
from tally.drafts.secrets import REDACTED, redacted_header, redacted_json, redacted_pairs, without_secrets
from tally.pact import Body, HttpInteraction, Interaction, MatchingRules, Presence, ProviderState
from tally.pact.bodies import is_json, is_xml
from tally.pact.model import Request, Response, Rule, RuleSet
from tally.values import dataclass

MOST_CONTENT = 20_000
"""Characters of one body; a test of more says nothing that a person would read."""
_OF_TRANSPORT = re.compile(
    r"connection|content-length|expect|host|http2-settings|keep-alive|proxy-connection|te|trailer|"
    r"transfer-encoding|upgrade|:.*",
    re.IGNORECASE,
)
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[!-~]([\t -~]*[!-~])?")
_ANY_TEXT = Rule("regex", {"regex": "^.+$"})


def drafted(interaction: Interaction, consumer: str, provider: str, *notes: str) -> Drafted:
    """Return the draft of one interaction over HTTP; *notes* are further words about what is left out.

    Raises ToolError for messages.
    """
    if not isinstance(interaction, HttpInteraction):
        raise ToolError(
            f"interaction: {quoted(interaction.description)} is a message, and drafts are for requests over "
            "HTTP: declare it with expects_message (docs/recording.md), or name another interaction."
        )
    reading = _Reading(list(notes))
    request = reading.request(interaction.request)
    response = reading.response(interaction.response)
    states = tuple(reading.state(state) for state in interaction.states)
    if interaction.plugin:
        reading.notes.append("What the interaction's plugin adds is left out.")
    description = without_secrets(interaction.description)
    return Drafted(
        consumer, provider, description, request, response, states, tuple(dict.fromkeys(reading.notes))
    )


@dataclass
class _Reading:
    notes: list[str] = field(default_factory=list)

    def request(self, request: Request) -> AskedRequest:
        if request.generators:
            self.notes.append("The request's generators are left out: the examples are sent as they are.")
        if request.rules.method:
            self.notes.append("The rule of the method is left out: this method alone is accepted.")
        body = self._body(request.body, request.rules, "request")
        return AskedRequest(
            request.method.upper(),
            self._path(request),
            self._query(request),
            self._headers(request.headers, request.rules.header, "request"),
            body,
        )

    def response(self, response: Response) -> ExpectedResponse:
        if response.rules.status:
            self.notes.append("The rule of the status is left out: this status alone is accepted.")
        if response.generators:
            self.notes.append("The response's generators are left out.")
        body = self._body(response.body, response.rules, "response")
        headers = self._headers(response.headers, response.rules.header, "response")
        return ExpectedResponse(response.status or 200, headers, body)

    def state(self, state: ProviderState) -> ProviderState:
        found: list[str] = []
        params = redacted_json(state.params, found.append)
        if found:
            self._redacted(f"state {state.name!r}", found)
        return ProviderState(without_secrets(state.name), params)

    def _redacted(self, where: str, places: list[str]) -> None:
        self.notes.append(
            f"{where}: {', '.join(dict.fromkeys(places))}: looks like a secret: a placeholder is there."
        )

    def _path(self, request: Request) -> Leaf:
        template = read_path(request.path)
        rules = PlaceRules({}, notes=self.notes)
        rule = rules.only(request.rules.path, "path") if request.rules.path else None
        if template.secrets:
            self._redacted("request path", [template.template])
            rule = rule or Rule("regex", {"regex": template.expression})
        found = rules.leaf(template.path, rule, "request path")
        # A path has no type: one that is not matched by an expression must be equal.
        return found if found.rule == "regex" else Leaf(found.value)

    def _query(self, request: Request) -> NamedLeaves:
        found = []
        for name, given in request.query.items():
            redacted: list[str] = []
            if None in given:
                self.notes.append(f"query parameter {name!r}: sent with an empty value.")
            pairs = redacted_pairs(tuple((name, value or "") for value in given), redacted.append)
            if redacted:
                self._redacted("query parameter", redacted)
            rules = PlaceRules({}, notes=self.notes)
            place = f"query parameter {name}"
            rule = _of_name(request.rules.query, name, rules, place)
            is_secret = redacted or any(REDACTED in value for _, value in pairs)
            rule = rule or (Rule("type") if is_secret else None)
            leaves = tuple(rules.leaf(value, rule, place) for _, value in pairs)
            found.append((pairs[0][0] if pairs else name, leaves))
        return tuple(each for each in found if each[1])

    def _headers(
        self, headers: Mapping[str, tuple[str, ...]], known: Mapping[str, RuleSet], side: str
    ) -> NamedLeaves:
        found = []
        for name, values in headers.items():
            place = f"{side} header {name}"
            if name.lower() == "content-type":
                continue
            clean = tuple(redacted_header(name, value) for value in values)
            if not _NAME.fullmatch(name) or not all(map(_VALUE.fullmatch, clean)):
                self.notes.append(f"{place}: left out: HTTP clients do not send such a name or value.")
            elif _OF_TRANSPORT.fullmatch(name):
                self.notes.append(f"{place}: left out: HTTP clients write it themselves.")
            else:
                found.append((name, self._header(clean, values, known.get(name.lower()), place)))
        return tuple(found)

    def _header(
        self, clean: tuple[str, ...], values: tuple[str, ...], known: RuleSet | None, place: str
    ) -> tuple[Leaf, ...]:
        rules = PlaceRules({}, notes=self.notes)
        rule = rules.only(known, place) if known else None
        if clean != values:
            self._redacted(place, [REDACTED])
        if clean != values or (rule is None and any(REDACTED in value for value in clean)):
            prefix = clean[0].partition(REDACTED)[0]
            escaped = re.escape(prefix).replace("\\ ", " ").replace(r"\-", "-")
            rule = Rule("regex", {"regex": f"^{escaped}.+$"})
        return tuple(rules.leaf(value, rule, place) for value in clean)

    def _body(self, body: Body, rules: MatchingRules, side: str) -> Content | None:
        if body.presence in {Presence.MISSING, Presence.EMPTY}:
            return None
        kind = (body.content_type or "").strip() or _guessed(body)
        problem = _problem(body, kind)
        if problem:
            self._leave_out(side, problem)
            return None
        if is_json(kind):
            return self._json(body.value, rules.body, kind, side)
        return self._text(body.value, rules.body, kind, side)

    def _leave_out(self, side: str, why: str) -> None:
        self.notes.append(f"{side} body: left out: {why}.")

    def _json(self, value: Any, known: Mapping[str, RuleSet], kind: str, side: str) -> Content | None:
        places: list[str] = []
        clean = redacted_json(value, places.append)
        if places:
            self._redacted(f"{side} body", places)
        if len(json_text.compact(clean)) > MOST_CONTENT:
            self._leave_out(side, f"it is longer than {MOST_CONTENT:,} characters")
            return None
        rules = PlaceRules(known, frozenset(places))
        try:
            node = rules.node(clean)
        except TooDeepError:
            self._leave_out(side, "it has too many levels")
            return None
        self.notes += [f"{side} body {note}" for note in rules.notes]
        return Content(kind, node)

    def _text(self, value: Any, known: Mapping[str, RuleSet], kind: str, side: str) -> Content | None:
        text = value if isinstance(value, str) else json_text.compact(value)
        clean = without_secrets(text)
        if clean != text:
            self._redacted(f"{side} body", ["a part of the text"])
        if len(clean) > MOST_CONTENT:
            self._leave_out(side, f"it is longer than {MOST_CONTENT:,} characters")
            return None
        any_text = [rule.match for rule in known["$"].rules] == ["type"] if "$" in known else False
        if known and not any_text:
            what = "XML" if is_xml(kind) else "its text"
            self.notes.append(f"{side} body: its rules are left out: {what} must be equal.")
        return Content(kind, None, clean, any_text)


def _of_name(known: Mapping[str, RuleSet], name: str, rules: PlaceRules, place: str) -> Rule | None:
    """Return the rule of a query parameter: that of all its values, or else of the first."""
    found = known.get(name) or known.get(f"{name}[*]") or known.get(f"{name}[0]")
    return rules.only(found, place) if found else None


def _problem(body: Body, kind: str) -> str:
    """Return why a body cannot be written, or ""."""
    if body.value is None:
        return "it is null"
    if not _VALUE.fullmatch(kind):
        return "its content type is none of HTTP"
    if isinstance(body.value, bytes):
        return f"it is binary ({kind}); declare it by hand"
    return "it has several parts; declare them by hand" if kind.startswith("multipart/") else ""


def _guessed(body: Body) -> str:
    return "text/plain" if isinstance(body.value, str) else "application/json"
