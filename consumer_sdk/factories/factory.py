"""Factories: examples of models for tests, the same for the same seed, and what a test gives in its place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, overload

from consumer_sdk.errors import DeclarationError
from consumer_sdk.factories.acceptance import model_in
from consumer_sdk.factories.examples import example, model_example
from consumer_sdk.factories.places import Place

T = TypeVar("T")


@dataclass(frozen=True)
class JsonSchema:
    """A JSON Schema (draft 2020-12) as a model; *name* is what messages call it."""

    document: Mapping[str, Any]
    name: str = field(default="JSON Schema")


@dataclass(frozen=True)
class Factory:
    """Makes examples; each *seed* has its own."""

    seed: int | str = 0

    @overload
    def __call__(self, model: type[T], /, **overrides: Any) -> T: ...
    @overload
    def __call__(self, model: Any, /, **overrides: Any) -> Any: ...
    def __call__(self, model: Any, /, **overrides: Any) -> Any:
        """Return an example of *model* that is valid; *overrides* are the fields that the test is about.

        A field that is a model itself takes a mapping of its own fields, too. Raises DeclarationError for a
        field that the model has not, a value of the wrong type, and where no example is known.
        """
        __tracebackhide__ = True
        return _made(model, str(self.seed), overrides)

    @overload
    def several(self, model: type[T], count: int, /, **overrides: Any) -> list[T]: ...
    @overload
    def several(self, model: Any, count: int, /, **overrides: Any) -> list[Any]: ...
    def several(self, model: Any, count: int, /, **overrides: Any) -> list[Any]:
        """Return *count* examples that differ where they may; the *overrides* are in each of them."""
        __tracebackhide__ = True
        return [_made(model, f"{self.seed}.{index}", overrides) for index in range(count)]


factory = Factory()
"""The factory of seed 0: the same example each time."""


def _made(model: Any, seed: str, overrides: Mapping[str, Any]) -> Any:
    __tracebackhide__ = True
    if isinstance(model, JsonSchema):
        from consumer_sdk.factories import json_schemas  # noqa: PLC0415 - JSON Schema, which few need

        return json_schemas.schema_example(model.document, Place(seed, (model.name,)), overrides)
    known = model_in(model)
    if known is not None:
        return model_example(model, Place(seed, (known.__name__,)), overrides)
    if overrides:
        raise DeclarationError(f"{model!r} has no fields: {', '.join(overrides)} cannot be given.")
    if isinstance(model, Mapping):
        raise DeclarationError("A dictionary is no model: write JsonSchema({…}) when it is a JSON Schema.")
    return example(model, Place(seed, ("value",)))
