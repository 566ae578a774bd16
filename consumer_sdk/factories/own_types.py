"""Examples of classes that are no models: texts and numbers of the user's own, and what pydantic brings."""

import datetime as dt
import inspect
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from consumer_sdk.errors import DeclarationError
from consumer_sdk.factories import scalars
from consumer_sdk.factories.places import Place
from consumer_sdk.factories.scalars import Wish
from tally.type_hints.limits import NO_LIMITS, Limits

_TRIES = 5
_TEXTS = {
    "EmailStr": "name@example.org",
    "NameEmail": "name@example.org",
    "SecretStr": "secret",
    "SecretBytes": b"secret",
    "Json": "{}",
    "IPvAnyAddress": "192.0.2.1",
    "IPvAnyNetwork": "192.0.2.0/24",
    "IPvAnyInterface": "192.0.2.1",
}
"""What pydantic reads as its own types whose schema says only that they are text."""


def _of_base(base: Any, place: Place, limits: Limits) -> Any:
    return scalars.EXAMPLES[base](Wish(place.name, limits, place.random))


def encoded(value: Any, encoder: Any) -> Any:
    """Return what pydantic decodes, as for its Base64Str."""
    found = encoder.encode(value.encode() if isinstance(value, str) else value)
    return found.decode() if isinstance(value, str) else found


def _address(schemes: Sequence[str] | None, place: Place) -> str:
    return f"{(schemes or ['https'])[0]}://example.org/{place.random.randint(1, 999)}"


def example_of_class(annotation: Any, place: Place, limits: Limits) -> Any:
    """Return an example of a class of scalars, or of one that describes itself to pydantic, such as a URL."""
    name, module = annotation.__name__, annotation.__module__
    if name in _TEXTS and module.startswith("pydantic"):
        return _TEXTS[name]
    if name in _MOMENTS and module.startswith("pydantic"):
        return _MOMENTS[name](place)
    if name in {"Url", "MultiHostUrl"} and module.startswith("pydantic_core"):
        return annotation(_address(limits.allowed_schemes, place))  # as pydantic has them before 2.10
    base = next((each for each in inspect.getmro(annotation)[1:] if each in scalars.EXAMPLES), None)
    if "pydantic" in sys.modules and hasattr(annotation, "__get_pydantic_core_schema__"):
        return _described(annotation, place, base, limits)
    if base is None:
        raise DeclarationError(f"{place}: no example of {name} is known: give it.")
    return annotation(_of_base(base, place, limits))


def _described(annotation: Any, place: Place, base: Any, limits: Limits) -> Any:
    """Return an example of a type that describes itself to pydantic, the first that it accepts."""
    from consumer_sdk.factories import json_schemas  # noqa: PLC0415 - JSON Schema, which few need

    pydantic: Any = sys.modules["pydantic"]
    adapter = pydantic.TypeAdapter(annotation)
    schemes = getattr(getattr(annotation, "_constraints", None), "allowed_schemes", None)
    candidates: list[Callable[[], Any]] = [
        *([lambda: _address(schemes, place)] if schemes else []),
        *([lambda: _of_base(base, place, limits)] if base else []),
        *(
            partial(
                lambda at: json_schemas.schema_example(adapter.json_schema(), at), place.at(f"[{number}]")
            )
            for number in range(_TRIES)
        ),
    ]
    error: Exception | None = None
    for candidate in candidates:
        try:
            return adapter.validate_python(candidate())
        except (ValueError, DeclarationError, pydantic.errors.PydanticUserError) as refused:
            error = refused
    raise DeclarationError(f"{place}: no example of {annotation.__name__} is known: give it.") from error


def _moment(place: Place) -> dt.datetime:
    return scalars.moment(Wish(place.name, NO_LIMITS, place.random))


_MOMENTS: dict[str, Callable[[Place], dt.date]] = {
    "AwareDatetime": _moment,
    "NaiveDatetime": lambda place: _moment(place).replace(tzinfo=None),
    "PastDatetime": lambda place: _moment(place).replace(year=2001),
    "FutureDatetime": lambda place: _moment(place).replace(year=2999),
    "PastDate": lambda place: _moment(place).date().replace(year=2001),
    "FutureDate": lambda place: _moment(place).date().replace(year=2999),
}
