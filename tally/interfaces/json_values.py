"""Values of Python as JSON, and values of JSON as a type hint wants them."""

import base64
import datetime as dt
import enum
import json
import types
import typing
import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, NoReturn

from tally.interfaces.pydantic_schemas import describes_itself, read_by_pydantic
from tally.interfaces.scalars import SCALARS
from tally.type_hints import annotations
from tally.type_hints.json_form import json_form
from tally.type_hints.limits import NO_LIMITS
from tally.type_hints.models import is_model_class, model_of


class NoJsonError(ValueError):
    """A value has no form in JSON, or is not what a hint wants."""


def json_value(value: Any) -> Any:
    """Return *value* as plain JSON. Raises NoJsonError for what JSON cannot hold: NaN, a function."""
    try:
        return json.loads(json.dumps(json_form(value, _refuse), default=_number, allow_nan=False))
    except Exception as error:  # also what attributes and methods of the value's class raise
        raise NoJsonError(in_words(error, str)) from error


def in_words(value: Any, form: Callable[[Any], str] = repr) -> str:
    """Return a value as Python shows it, or the name of its class where that fails."""
    try:
        return form(value)
    except Exception as error:  # noqa: BLE001 - classes of users may raise anything
        return f"a {type(value).__name__}, which cannot be shown ({type(error).__name__})"


def _refuse(value: Any) -> NoReturn:
    raise NoJsonError(f"{in_words(value)} of {type(value).__name__} has no form in JSON")


def _number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return _refuse(value)


def as_hinted(hint: Any, value: Any) -> Any:  # noqa: PLR0911 - one for each kind
    """Return the JSON *value* as a value with this hint. Raises NoJsonError when it is not one."""
    annotation, _ = annotations.unwrapped(hint, NO_LIMITS)
    if annotation is None or annotation is type(None):
        return _expected(value is None, annotation, value)
    origin = typing.get_origin(annotation) or annotation
    if annotations.is_union(annotation):
        return _first(typing.get_args(annotation), value, annotation)
    if origin is typing.Literal:
        return _equal(typing.get_args(annotation), value, annotation)
    if origin is tuple:
        return _tuple(typing.get_args(annotation), value, annotation)
    container = annotations.container(annotation)
    if container:
        return _collection(annotation, container, value)
    if isinstance(origin, type):
        return _of_class(annotation, origin, value)
    return value


def _first(members: tuple[Any, ...], value: Any, annotation: Any) -> Any:
    for member in members:
        try:
            return as_hinted(member, value)
        except NoJsonError:
            continue
    return _unexpected(annotation, value)


def _equal(choices: Any, value: Any, annotation: Any) -> Any:
    for choice in choices:
        form = json_form(choice)
        if form == value and isinstance(form, bool) == isinstance(value, bool):
            return choice
    return _unexpected(annotation, value)


def _tuple(members: tuple[Any, ...], value: Any, annotation: Any) -> Any:
    items = _expected(isinstance(value, list), annotation, value)
    if not members:
        return tuple(items)
    if members[-1] is Ellipsis:
        return tuple(as_hinted(members[0], item) for item in items)
    _expected(len(items) == len(members), annotation, value)
    return tuple(map(as_hinted, members, items))


def _collection(annotation: Any, container: str, value: Any) -> Any:
    members = typing.get_args(annotation)
    if container != "dict":
        items = _expected(isinstance(value, list), annotation, value)
        return annotations.built(
            annotation, [as_hinted(members[0], each) if members else each for each in items]
        )
    pairs = _expected(isinstance(value, Mapping), annotation, value).items()
    if members:
        pairs = [(_key(members[0], key), as_hinted(members[1], item)) for key, item in pairs]
    return annotations.built(annotation, list(pairs))


def _key(hint: Any, key: str) -> Any:
    try:
        return as_hinted(hint, key)
    except NoJsonError:
        return as_hinted(hint, int(key) if key.lstrip("-").isdecimal() else key)


def _of_class(annotation: Any, origin: type, value: Any) -> Any:
    if describes_itself(origin):
        try:
            return read_by_pydantic(annotation, value)
        except ValueError as error:
            raise NoJsonError(str(error)) from error
    if issubclass(origin, enum.Enum):
        return _equal(list(origin), value, annotation)
    if is_model_class(origin):
        return _model(annotation, origin, value)
    return _scalar(origin, value)


def _model(annotation: Any, origin: type, value: Any) -> Any:
    given = _expected(isinstance(value, Mapping), annotation, value)
    model = model_of(origin)
    types_by_variable = annotations.variables_of(annotation)
    hints = {each.name: annotations.substituted(each.annotation, types_by_variable) for each in model.fields}
    unknown = given.keys() - hints.keys()
    missing = [each.name for each in model.fields if each.is_required and each.name not in given]
    if unknown or missing:
        raise NoJsonError(
            f"{model.name} "
            + (f"has no {', '.join(sorted(unknown))}" if unknown else f"needs {', '.join(missing)}")
        )
    return model.build({name: as_hinted(hints[name], item) for name, item in given.items()})


def _scalar(origin: type, value: Any) -> Any:
    base = next((each for each in origin.__mro__ if each in SCALARS), None)
    if base is None or origin is object:
        return value
    kinds, read = _READ.get(base, ((str,), base))
    if not isinstance(value, kinds) or (isinstance(value, bool) and base is not bool):
        return _unexpected(origin, value)
    try:
        found = read(value)
    except (ValueError, TypeError, ArithmeticError) as error:
        raise NoJsonError(f"{value!r} is no {annotations.shown(origin)}: {error}") from error
    return found if origin is base or isinstance(found, origin) else origin(found)


_NUMBER = (int, float)
_READ: dict[Any, tuple[tuple[type, ...] | types.UnionType, Callable[[Any], Any]]] = {
    bool: ((bool,), bool),
    int: (_NUMBER, lambda value: int(value) if value == int(value) else _refuse(value)),
    float: (_NUMBER, float),
    Decimal: (_NUMBER, lambda value: Decimal(str(value))),
    Fraction: (_NUMBER, lambda value: Fraction(str(value))),
    bytes: ((str,), lambda value: base64.b64decode(value, validate=True)),
    bytearray: ((str,), lambda value: bytearray(base64.b64decode(value, validate=True))),
    dt.datetime: ((str,), dt.datetime.fromisoformat),
    dt.date: ((str,), dt.date.fromisoformat),
    dt.time: ((str,), dt.time.fromisoformat),
    dt.timedelta: (_NUMBER, lambda value: dt.timedelta(seconds=value)),
    uuid.UUID: ((str,), uuid.UUID),
}


def _expected(holds: bool, annotation: Any, value: Any) -> Any:  # noqa: FBT001 - it is what is judged
    return value if holds else _unexpected(annotation, value)


def _unexpected(annotation: Any, value: Any) -> NoReturn:
    raise NoJsonError(f"{in_words(value)} is no {annotations.shown(annotation)}")
