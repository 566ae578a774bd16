"""Whether an invalid value is still invalid once it is a request: parameters and forms are texts."""

import json
from contextlib import suppress
from typing import Any

from tally.json_schema.values import InvalidValue
from tally.pact.bodies import is_json
from tally.service_contract.content_types import is_text
from tally.service_contract.form_bodies import is_form
from tally.service_contract.model import Parameter
from tally.service_contract.serialisation import plain_text
from verifier.generation.inputs import SECTIONS, Inputs

_SECTIONS = frozenset(SECTIONS.values())


def is_wrong(inputs: Inputs, wrong: InvalidValue) -> bool:
    """Whether the provider can see what is wrong, and the document says that it is."""
    if not wrong.parts:
        return wrong.keyword == "required" and inputs.needed - wrong.value.keys() == {"body"}
    section, *inside = wrong.parts
    if section in _SECTIONS:
        return _is_wrong_parameter(inputs, str(section), inside, wrong)
    body = wrong.value.get("body")
    if section != "body" or inside[:1] != ["value"] or not isinstance(body, dict) or "value" not in body:
        return False
    kind, value = body["contentType"], body["value"]
    if kind not in inputs.bodies or is_json(kind) or "*" in kind:
        return kind in inputs.bodies
    if is_form(kind):
        accepts = inputs.judge("body", kind).accepts
        return isinstance(value, dict) and not any(map(accepts, _readings_of_form(value, inside[1:2])))
    return is_text(kind) and isinstance(value, str)


def _is_wrong_parameter(inputs: Inputs, section: str, inside: list[Any], wrong: InvalidValue) -> bool:
    given = wrong.value.get(section)
    if not isinstance(given, dict):
        return False
    if not inside:
        # Nothing but what is missing is the document's own rule here; without a part of it there is no path.
        return wrong.keyword == "required" and section != "path"
    parameter = inputs.parameters.get((section, str(inside[0])))
    value = given.get(inside[0])
    if parameter is None or not _can_be_seen(value, parameter):
        return False
    accepts = inputs.judge(section, parameter.name).accepts
    return not any(map(accepts, _readings(value, is_list=_may_be_list(parameter))))


def _can_be_seen(value: Any, parameter: Parameter) -> bool:
    """Whether the value can be told from its absence, and from another path."""
    if parameter.style == "json":
        return True
    if isinstance(value, list):
        return bool(value) and all(
            isinstance(item, str | int | float) and _fits(item, parameter) for item in value
        )
    if isinstance(value, dict):
        return bool(value) and all(isinstance(item, str | int | float) for item in value.values())
    return isinstance(value, str | int | float) and _fits(value, parameter)


def _fits(value: float | str, parameter: Parameter) -> bool:
    text = plain_text(value)
    if text in {".", ".."} and parameter.location == "path":
        return False
    if parameter.location == "query":
        return text != ""
    is_plain = text.isascii() and text.isprintable() and text == text.strip() and text != ""
    return is_plain and not set(text) & set('/\\,;"' if parameter.location != "header" else "")


def _readings(value: Any, *, is_list: bool = False) -> list[Any]:
    """Return what programs may read the value as, once it was written as text."""
    if isinstance(value, dict):
        texts = {
            name: plain_text(item) if not isinstance(item, list | dict) else item
            for name, item in value.items()
        }
        return [value, texts, {name: _parsed(item) for name, item in texts.items()}]
    if isinstance(value, list):
        return [value, list(map(plain_text, value)), [_parsed(plain_text(item)) for item in value]]
    text = plain_text(value)
    found = [text, _parsed(text)]
    return [*found, [text], [_parsed(text)], text.split(",")] if is_list else found


def _readings_of_form(form: dict[str, Any], wrong: list[Any]) -> list[Any]:
    """Return what programs may read a form as in which one field is wrong; null and no items are no field."""
    name = wrong[0] if wrong else None
    if name not in form:
        return [form]
    field = form[name]
    if field is None or field == []:
        return [{key: item for key, item in form.items() if key != name}]
    items = field if isinstance(field, list) else [field]
    if any(isinstance(item, dict | list) for item in items):
        texts = [plain_text(item) for item in items]  # JSON, which is a text as well
        return [form, {**form, name: texts}, *({**form, name: text} for text in texts)]
    readings = [field, *_readings(field), *_readings([item for item in items if item is not None])]
    return [{**form, name: reading} for reading in readings]


def _parsed(text: Any) -> Any:
    with suppress(ValueError):
        return json.loads(text) if isinstance(text, str) else text
    return text


def _may_be_list(parameter: Parameter) -> bool:
    return "array" in json.dumps(parameter.schema)
