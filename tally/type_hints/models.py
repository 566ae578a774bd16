"""Models of all kinds as one value: their fields, and how one is built of values."""

import dataclasses
import sys
import typing
from collections.abc import Callable, Mapping
from typing import Any

from tally.errors import UsageError
from tally.type_hints.limits import NO_LIMITS, Limits
from tally.values import dataclass

MISSING: Any = object()
"""No default: the field must be given."""


@dataclass(frozen=True)
class Field:
    """One field: the *annotation* of its values, further *limits*, and its *default*, or MISSING.

    *aliases* are other names under which it may be given. One that *is_parsed* may take text for other types.
    """

    name: str
    annotation: Any
    limits: Limits = NO_LIMITS
    default: Any = MISSING
    is_required: bool = True
    aliases: tuple[str, ...] = ()
    is_parsed: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Every name under which it may be given."""
        return (*self.aliases, self.name)


@dataclass(frozen=True)
class Model:
    """A class whose instances have fields, and *build*, which makes one of values by name."""

    name: str
    fields: tuple[Field, ...]
    build: Callable[[Mapping[str, Any]], Any]


def is_model_class(value: object) -> bool:
    """Whether *value* is a class that `model_of` knows; one of pydantic 1 is, to be refused there."""
    return isinstance(value, type) and any(is_one(value) for is_one, _ in _KINDS)


def model_of(model: type) -> Model:
    """Return what a model consists of. Raises UsageError for one of pydantic 1."""
    read = next(read for is_one, read in _KINDS if is_one(model))
    return read(model)


def pydantic_base(name: str) -> Any:
    """Return a class of pydantic, or None when the program has not imported it."""
    return getattr(sys.modules.get("pydantic"), name, None)


def _is_pydantic_1(model: type) -> bool:
    module = sys.modules.get("pydantic.v1.main") or sys.modules.get("pydantic.main")
    base = getattr(module, "BaseModel", None)
    return base is not None and issubclass(model, base) and not hasattr(base, "model_fields")


def _refuse_pydantic_1(model: type) -> typing.NoReturn:
    raise UsageError(
        f"{model.__name__} is a model of pydantic 1, which is not supported: "
        "make it one of pydantic 2, or give the body as a dictionary."
    )


def _is_pydantic(model: type) -> bool:
    base = pydantic_base("BaseModel")
    return base is not None and issubclass(model, base)


def _pydantic(model: Any) -> Model:
    fields = tuple(_pydantic_field(name, info) for name, info in model.model_fields.items())

    def build(values: Mapping[str, Any]) -> Any:
        if list(model.model_fields) == ["root"]:
            return model.model_validate(values["root"])
        given: dict[str, Any] = {}
        for name, value in values.items():
            _place(given, _input_name(name, model.model_fields[name]), value)
        return model.model_validate(given)

    return Model(model.__name__, fields, build)


def _pydantic_field(name: str, info: Any) -> Field:
    default = info.default if not info.is_required() and info.default_factory is None else MISSING
    aliases = tuple(each for each in (info.alias, info.validation_alias) if isinstance(each, str))
    limits = NO_LIMITS.and_(info.metadata)
    return Field(name, info.annotation, limits, default, info.is_required(), aliases, is_parsed=True)


def _input_name(name: str, info: Any) -> tuple[str, ...]:
    """Return under which name, or path of names, pydantic takes the value of a field."""
    alias = info.validation_alias
    choices = getattr(alias, "choices", None)  # AliasChoices
    alias = choices[0] if choices else alias
    path = getattr(alias, "path", None)  # AliasPath
    if path:
        if not all(isinstance(step, str) for step in path):
            raise UsageError(f"{name}: the alias {path} has an index: give the body as a dictionary.")
        return tuple(path)
    return (alias or name,)


def _place(given: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for step in path[:-1]:
        given = given.setdefault(step, {})
    given[path[-1]] = value


def _is_attrs(model: type) -> bool:
    return "attr" in sys.modules and "__attrs_attrs__" in vars(model)


def _attrs(model: Any) -> Model:
    hints = hints_of(model)
    nothing = sys.modules["attr"].NOTHING
    fields = []
    for each in model.__attrs_attrs__:
        if not each.init:
            continue
        is_computed = type(each.default).__name__ == "Factory"
        default = MISSING if each.default is nothing or is_computed else each.default
        limits = NO_LIMITS.and_validator(each.validator)
        alias = getattr(each, "alias", None) or each.name.lstrip("_")
        annotation = hints.get(each.name, Any)
        fields.append(Field(alias, annotation, limits, default, each.default is nothing, (each.name,)))
    return Model(model.__name__, tuple(fields), lambda values: model(**values))


def _dataclass(model: Any) -> Model:
    described = getattr(model, "__pydantic_fields__", None)
    hints = hints_of(model)
    if described is not None:  # one of pydantic
        fields = tuple(
            dataclasses.replace(_pydantic_field(name, info), annotation=hints.get(name, info.annotation))
            for name, info in described.items()
            if getattr(info, "init", True) is not False
        )
        return Model(model.__name__, fields, lambda values: model(**_by_alias(values, described)))
    fields = tuple(
        Field(
            each.name,
            hints.get(each.name, Any),
            default=MISSING if each.default is dataclasses.MISSING else each.default,
            is_required=each.default is dataclasses.MISSING and each.default_factory is dataclasses.MISSING,
        )
        for each in model.__dataclass_fields__.values()
        if each.init and not _is_class_variable(each)
    )
    return Model(model.__name__, fields, lambda values: model(**values))


def _by_alias(values: Mapping[str, Any], described: Mapping[str, Any]) -> dict[str, Any]:
    return {_input_name(name, described[name])[0]: value for name, value in values.items()}


def _is_class_variable(field: Any) -> bool:
    return str(getattr(field, "_field_type", "")) == "_FIELD_CLASSVAR"


def _typed_dict(model: Any) -> Model:
    fields = tuple(
        Field(name, hint, is_required=name in model.__required_keys__)
        for name, hint in hints_of(model).items()
    )
    return Model(model.__name__, fields, dict)


def _is_named_tuple(model: type) -> bool:
    return issubclass(model, tuple) and hasattr(model, "_fields")


def _named_tuple(model: Any) -> Model:
    hints = hints_of(model)
    defaults = model._field_defaults
    fields = tuple(
        Field(
            name,
            hints.get(name, Any),
            default=defaults.get(name, MISSING),
            is_required=name not in defaults,
        )
        for name in model._fields
    )
    return Model(model.__name__, fields, lambda values: model(**values))


def hints_of(model: Any) -> dict[str, Any]:
    """Return the annotations of a class, resolved; raises UsageError where a name is unknown."""
    try:
        return typing.get_type_hints(model, localns={model.__name__: model}, include_extras=True)
    except NameError as error:
        raise UsageError(
            f"{model.__name__}: {error}, so its fields are not known: "
            "define the classes that it names in a module, not inside of a function."
        ) from error
    except TypeError as error:
        raise UsageError(f"{model.__name__}: its annotations cannot be read: {error}.") from error


_KINDS: tuple[tuple[Callable[[type], bool], Callable[[type], Model]], ...] = (
    (_is_pydantic_1, _refuse_pydantic_1),
    (_is_pydantic, _pydantic),
    (_is_attrs, _attrs),
    (dataclasses.is_dataclass, _dataclass),
    (typing.is_typeddict, _typed_dict),
    (_is_named_tuple, _named_tuple),
)
