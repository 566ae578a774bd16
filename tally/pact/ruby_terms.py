"""Terms of the oldest Ruby pacts: {"json_class": "Pact::Term", …} in place of a value, with a pattern."""

from collections.abc import Iterator
from typing import Any

from tally.pact.json_fields import as_object, required_text
from tally.pact.path_expressions import Token, format_path

_IGNORE_CASE = 1


def without_terms(part: dict[str, Any], place: str) -> dict[str, Any]:
    """Return a request or response with the examples of its terms, and with a matching rule for each.

    A part with matching rules of its own keeps them alone: they are of a later version, without terms.
    """
    rules: dict[str, Any] = {}
    changed: dict[str, Any] = {}
    for key in ("path", "query", "headers", "body"):
        if not _has_term(part.get(key)):
            continue
        for path, term in _terms(part[key], (key,)):
            rules[format_path(path)] = _rule(term, f"{place}.{key}")
        changed[key] = _examples(part[key])
    if not changed:
        return part
    return part | changed | {"matchingRules": part.get("matchingRules") or rules}


def _has_term(value: Any) -> bool:
    """Whether there is a term in *value*; few pacts have any, and all are asked."""
    if isinstance(value, dict):
        return _is_term(value) or any(map(_has_term, value.values()))
    return isinstance(value, list) and any(map(_has_term, value))


def _terms(value: Any, path: tuple[Token, ...]) -> Iterator[tuple[tuple[Token, ...], dict[str, Any]]]:
    if _is_term(value):
        yield path, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _terms(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _terms(item, (*path, index))


def _examples(value: Any) -> Any:
    if _is_term(value):
        return value["data"]["generate"]
    if isinstance(value, dict):
        return {name: _examples(item) for name, item in value.items()}
    return [_examples(item) for item in value] if isinstance(value, list) else value


def _is_term(value: Any) -> bool:
    return isinstance(value, dict) and value.get("json_class") == "Pact::Term"


def _rule(term: dict[str, Any], place: str) -> dict[str, Any]:
    """Return a rule as V2 has it: Ruby looks for the pattern anywhere in the text."""
    data = as_object(term.get("data"), f"{place}.data")
    required_text(data, "generate", f"{place}.data")
    matcher = as_object(data.get("matcher"), f"{place}.data.matcher")
    source = required_text(matcher, "s", f"{place}.data.matcher")
    options = matcher.get("o")
    flags = "(?i)" if isinstance(options, int) and options & _IGNORE_CASE else ""
    return {"match": "regex", "regex": rf"{flags}[\s\S]*(?:{source})[\s\S]*"}
