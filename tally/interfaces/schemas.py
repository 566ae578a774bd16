"""JSON Schemas of type hints: models by name, so that they may refer to themselves."""

import enum
import typing
from typing import Any, NoReturn

from tally.errors import UsageError
from tally.interfaces.json_values import NoJsonError, json_value
from tally.interfaces.model_fields import ModelField, fields_of
from tally.interfaces.pydantic_schemas import describes_itself, pydantic_schema
from tally.interfaces.scalars import limited, scalar_schema
from tally.json_schema.schema import Schema
from tally.type_hints import annotations
from tally.type_hints.json_form import json_form
from tally.type_hints.limits import NO_LIMITS, Limits
from tally.type_hints.models import is_model_class

REFERENCE = "#/schemas/"


class Schemas:
    """Make schemas of hints, of what a service *reads* or of what it writes; `definitions` are the models'.

    What is read may leave out what has a default, and holds nothing that is not known; what is written has
    every field. Every hint that has no JSON is refused with its place.
    """

    def __init__(self, *, reads: bool) -> None:
        self.definitions: dict[str, Schema] = {}
        self._names: dict[Any, str] = {}
        self._reads = reads

    def of(self, hint: Any, place: str, limits: Limits = NO_LIMITS) -> dict[str, Any]:
        """Return the schema of values with this hint. Raises UsageError, which names the *place*."""
        if isinstance(hint, typing.TypeVar):
            return self._of_variable(hint, place, limits)
        description = _description(hint)
        annotation, limits = annotations.unwrapped(hint, limits)
        if isinstance(annotation, typing.ForwardRef | str):
            _refuse(place, f"the name {annotation!r} in its hint is not known here")
        schema = self._of(annotation, place, limits)
        return {**schema, "description": description} if description else schema

    def _of_variable(self, variable: typing.TypeVar, place: str, limits: Limits) -> dict[str, Any]:
        if variable.__constraints__:
            return self._union(variable.__constraints__, place, limits)
        if variable.__bound__ is None:
            _refuse(
                place,
                f"nothing says what the type variable {variable} stands for: name it as in Orders[Order]",
            )
        return self.of(variable.__bound__, place, limits)

    def _of(self, annotation: Any, place: str, limits: Limits) -> dict[str, Any]:
        origin = typing.get_origin(annotation)
        if annotation is None:
            annotation = type(None)
        if annotation is Any or annotation is object:
            return {}
        if annotations.is_union(annotation):
            return self._union(typing.get_args(annotation), place, limits)
        if origin is typing.Literal:
            return {"enum": list(map(json_form, typing.get_args(annotation)))}
        if annotation is tuple or origin is tuple:
            return self._tuple(annotation, place, limits)
        container = annotations.container(annotation)
        if container:
            return limited(self._container(annotation, container, place), limits)
        return self._of_class(annotation, place, limits)

    def _union(self, members: tuple[Any, ...], place: str, limits: Limits) -> dict[str, Any]:
        schemas = [self.of(member, place, limits) for member in members]
        distinct = [each for index, each in enumerate(schemas) if each not in schemas[:index]]
        if any(each == {} for each in distinct):
            return {}
        if all(each.keys() == {"type"} for each in distinct):
            return {"type": [each["type"] for each in distinct]} if len(distinct) > 1 else distinct[0]
        return {"anyOf": distinct} if len(distinct) > 1 else distinct[0]

    def _tuple(self, annotation: Any, place: str, limits: Limits) -> dict[str, Any]:
        members = typing.get_args(annotation)
        if annotation is tuple:
            return limited({"type": "array"}, limits)
        if members and members[-1] is Ellipsis:
            return limited({"type": "array", "items": self.of(members[0], f"{place}[]")}, limits)
        return {
            "type": "array",
            "prefixItems": [self.of(each, f"{place}[{index}]") for index, each in enumerate(members)],
            "items": False,
            "minItems": len(members),
        }

    def _container(self, annotation: Any, container: str, place: str) -> dict[str, Any]:
        members = typing.get_args(annotation)
        if container != "dict":
            items = self.of(members[0], f"{place}[]") if members else {}
            schema = {"type": "array", "items": items}
            return {**schema, "uniqueItems": True} if container == "set" else schema
        if not members:
            return {"type": "object"}
        keys = self._keys(members[0], f"{place} (its keys)")
        values = {"type": "object", "additionalProperties": self.of(members[1], f"{place}.*")}
        return {**values, "propertyNames": keys} if keys else values

    def _keys(self, hint: Any, place: str) -> dict[str, Any]:
        """Return the schema of names: JSON has texts alone."""
        schema = self.of(hint, place)
        if "enum" in schema:
            return {"enum": [key if isinstance(key, str) else str(json_form(key)) for key in schema["enum"]]}
        if schema.get("type") == "string" and "contentEncoding" not in schema:
            return {} if schema == {"type": "string"} else {k: v for k, v in schema.items() if k != "type"}
        if schema.get("type") == "integer":
            return {"pattern": r"^-?\d+$"}
        inner = self.definitions.get(str(schema.get("$ref")).removeprefix(REFERENCE), schema)
        if inner != {} and not (isinstance(inner, dict) and {"enum", "pattern"} & inner.keys()):
            _refuse(place, f"{annotations.shown(hint)} is no text, as the names in JSON are")
        return schema

    def _of_class(self, annotation: Any, place: str, limits: Limits) -> dict[str, Any]:
        origin = typing.get_origin(annotation) or annotation
        if not isinstance(origin, type):
            _refuse(place, f"{annotations.shown(annotation)} has no JSON")
        if describes_itself(origin):
            return pydantic_schema(annotation, place, self.definitions, reads=self._reads)
        if issubclass(origin, enum.Enum):
            return self._named(annotation, lambda: _enumeration(origin, place))
        if is_model_class(origin):
            return self._named(annotation, lambda: self._model(annotation, place))
        schema = scalar_schema(origin)
        if schema is None:
            _refuse(place, f"{annotations.shown(annotation)} has no JSON")
        return limited(schema, limits)

    def _named(self, annotation: Any, make: typing.Callable[[], dict[str, Any]]) -> dict[str, Any]:
        if annotation not in self._names:
            name = self._free_name(annotation)
            self._names[annotation] = name
            self.definitions[name] = True  # while its parts are read: they may refer to it
            self.definitions[name] = make()
        return {"$ref": f"{REFERENCE}{self._names[annotation]}"}

    def _free_name(self, annotation: Any) -> str:
        name = _name(annotation)
        if name in self.definitions:
            module = str(getattr(typing.get_origin(annotation) or annotation, "__module__", ""))
            name = f"{module.replace('.', '_')}_{name}"
        while name in self.definitions:
            name += "_"
        return name

    def _model(self, annotation: Any, place: str) -> dict[str, Any]:
        model = typing.get_origin(annotation) or annotation
        fields = fields_of(annotation, reads=self._reads)
        properties = {each.name: self._field(each, f"{place}.{each.name}") for each in fields}
        schema: dict[str, Any] = {"type": "object", "properties": properties}
        required = [each.name for each in fields if each.is_required]
        if required:
            schema["required"] = required
        if self._reads:
            schema["additionalProperties"] = False
        text = _own_text(model)
        return {**schema, "description": text} if text else schema

    def _field(self, field: ModelField, place: str) -> dict[str, Any]:
        return self.of(field.annotation, place, field.limits)


def _enumeration(kind: type[enum.Enum], place: str) -> dict[str, Any]:
    if issubclass(kind, enum.Flag):
        return {"type": "integer", "minimum": 0}
    try:
        return {"enum": [json_value(member) for member in kind]}
    except NoJsonError as error:
        _refuse(place, f"{kind.__name__} has a member without JSON: {error}")


def _name(annotation: Any) -> str:
    origin = typing.get_origin(annotation) or annotation
    parts = [origin.__name__, *map(_argument_name, typing.get_args(annotation))]
    return "_".join(parts)


def _argument_name(argument: Any) -> str:
    if isinstance(typing.get_origin(argument) or argument, type):
        return _name(argument)
    return "".join(each if each.isalnum() else "_" for each in annotations.shown(argument))


def _own_text(model: Any) -> str:
    """Return the docstring of a model, but not that which a dataclass or a tuple makes itself."""
    text = vars(model).get("__doc__")
    if not isinstance(text, str) or text.startswith((f"{model.__name__}(", "Method generated by attrs")):
        return ""
    return text.strip().partition("\n\n")[0]


def _description(hint: Any) -> str:
    """Return what `Annotated[int, "how many"]` says in words."""
    for said in getattr(hint, "__metadata__", ()):
        for text in (said, getattr(said, "documentation", None), getattr(said, "description", None)):
            if isinstance(text, str):
                return text
    return ""


def _refuse(place: str, why: str) -> NoReturn:
    raise UsageError(
        f"{place}: {why}. A contract is JSON: use text, numbers, lists, dictionaries, unions, enumerations, "
        "dates, UUIDs, dataclasses, TypedDicts, named tuples, or classes of attrs or pydantic."
    )
