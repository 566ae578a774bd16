"""Interactions of an older version of the specification, written as a newer one has them.

What an interaction says stays the same: it is read before and after, and what differs is refused.
"""

import base64
from collections.abc import Mapping
from dataclasses import is_dataclass, replace
from typing import Any

from consumer_sdk.pact_files.recording import states_of
from tally.errors import UsageError
from tally.pact import parse_pact
from tally.pact.bodies import body_of_file, content_type_of
from tally.pact.http_parts import read_query
from tally.pact.matching_rules import read_rules
from tally.pact.model import HttpInteraction, MatchingRules, Presence, RuleSet

_SIDES = (("request", "requestMatchingRules"), ("response", "responseMatchingRules"))
_STATE_KEYS = ("providerStates", "providerState", "provider_state")


def upgraded(document: Mapping[str, Any], version: str) -> dict[str, Any]:
    """Return the pact with its interactions as *version* ("2.0.0", "3.0.0" or "4.0") has them.

    Raises UsageError when they would say something else.
    """
    major = version[0]
    found = dict(document)
    for kind in ("interactions", "messages"):
        if document.get(kind):
            found[kind] = [_interaction(each, kind, major) for each in document[kind]]
    if major == "4":
        found["interactions"] = [*(found.get("interactions") or []), *(found.pop("messages", None) or [])]
    metadata = {key: item for key, item in (document.get("metadata") or {}).items() if not is_version(key)}
    found["metadata"] = {**metadata, "pactSpecification": {"version": version}}
    before, after = _said(document), _said(found)
    changed = [was for was, now in zip(before, after, strict=True) if was != now]
    if changed:
        raise UsageError(
            f'"{changed[0][0]}" cannot be written in version {version} of the specification without '
            "changing what it says"
        )
    return found


def is_version(key: str) -> bool:
    """Whether metadata of this name says the version of the specification, in one of its spellings."""
    return key in {"pactSpecification", "pact-specification", "pactSpecificationVersion"}


def _interaction(raw: Mapping[str, Any], kind: str, major: str) -> dict[str, Any]:
    if major < "3":
        return dict(raw)
    found = _with_states(raw)
    if kind == "messages":
        return _v4_message(found) if major == "4" else found
    for side, old_name in _SIDES:
        if isinstance(found.get(side), dict):
            found[side] = _part(found[side], old_name, major)
    return {"type": "Synchronous/HTTP", **found} if major == "4" else found


def _with_states(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the interaction with a list of states instead of the name of one."""
    if isinstance(raw.get("providerStates"), list):
        return dict(raw)
    states = [{"name": name} for name, _ in states_of(raw)]
    found = {key: item for key, item in raw.items() if key not in _STATE_KEYS}
    return {**found, "providerStates": states} if states else found


def _part(raw: Mapping[str, Any], old_name: str, major: str) -> dict[str, Any]:
    """Return a request or response with the query, rules, headers and body of the version."""
    found = dict(raw)
    if isinstance(found.get("query"), str):
        found["query"] = {name: list(values) for name, values in read_query(found["query"]).items()}
    rules = found.get("matchingRules") or found.pop(old_name, None)
    if rules and any(key.startswith("$") for key in rules):
        found["matchingRules"] = _rules_document(read_rules({"matchingRules": rules}, ""))
    elif rules:
        found["matchingRules"] = rules
    if major == "4":
        headers = found.get("headers")
        if headers:
            found["headers"] = {name: _listed(value) for name, value in headers.items()}
        if "body" in found:
            found["body"] = _envelope(found, "body", content_type_of(headers or {}))
    return found


def _v4_message(raw: Mapping[str, Any]) -> dict[str, Any]:
    found = {"type": "Asynchronous/Messages", **raw}
    if "metaData" in found:
        found.setdefault("metadata", found.pop("metaData"))
    if "contents" in found:
        found["contents"] = _envelope(found, "contents", content_type_of(found.get("metadata") or {}))
    return found


def _envelope(part: dict[str, Any], key: str, content_type: str | list[str] | None) -> dict[str, Any] | None:
    """Return a body as V4 writes it: its content, with what says how to read it."""
    kind = content_type[0] if isinstance(content_type, list) else content_type
    body = body_of_file(part, key, kind)
    if body.presence is Presence.NULL:
        return None
    encoded = isinstance(body.value, bytes)
    content = base64.b64encode(body.value).decode() if encoded else body.value
    about = {"contentType": kind} if kind else {}
    return {"content": content, **about, "encoded": "base64" if encoded else False}


def _rules_document(rules: MatchingRules) -> dict[str, Any]:
    single = {name: getattr(rules, name) for name in ("path", "status", "method")}
    found: dict[str, Any] = {name: _matchers(each) for name, each in single.items() if each}
    for name in ("header", "query", "body", "metadata"):
        category = getattr(rules, name)
        if category:
            found[name] = {path: _matchers(rule_set) for path, rule_set in category.items()}
    return found


def _matchers(rule_set: RuleSet) -> dict[str, Any]:
    matchers = [{"match": rule.match, **rule.attributes} for rule in rule_set.rules]
    return {"combine": rule_set.combine, "matchers": matchers}


def _listed(value: object) -> object:
    return value if isinstance(value, list | dict) else [value]


def _said(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what each interaction says, for comparison; the order of a query has no meaning since V2."""
    found = []
    for each in parse_pact(dict(document)).interactions:
        interaction = each
        if isinstance(each, HttpInteraction):
            interaction = replace(each, request=replace(each.request, query_string=None))
        found.append((interaction.description, repr(_plain(interaction))))
    return found


def _plain(value: object) -> object:
    """Return values without the order of their keys."""
    if is_dataclass(value):
        return type(value).__name__, _plain(vars(value))
    if isinstance(value, dict):
        return sorted((key, _plain(item)) for key, item in value.items())
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
