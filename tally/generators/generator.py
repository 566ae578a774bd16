"""Generators of the Pact specification (V3 and V4): each makes one value in place of an example."""

import re
import uuid
import warnings
from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import datetime
from math import prod
from random import Random
from string import ascii_letters, digits
from typing import Any

from tally.generators.dates import DateError, formatted, moment
from tally.matching.regular_expressions import RegexError, for_python, full_match
from tally.values import dataclass

Generator = Mapping[str, Any]
_EXPRESSION = re.compile(r"\$\{([^}]+)\}")
_NUMBERS = {"INTEGER": int, "FLOAT": float, "DECIMAL": float}
_LARGEST_INT = 2_147_483_647
_TRIES = 20
_MOST_CHARACTERS = 10_000_000
_MOST_DIGITS = 300
"""Digits of a decimal number that is finite."""
_REPEATS = re.compile(r"\{(\d+)(?:,(\d*))?\}")


@dataclass(frozen=True, kw_only=True)
class GeneratorContext:
    """What generators make their values from.

    *values* are those that provider states returned. *now* is the time of the run, in the local time zone.
    *base_url* is the address of the provider; it replaces the one of the consumer's mock server.
    """

    random: Random
    now: datetime
    values: Mapping[str, Any] = field(default_factory=dict)
    base_url: str = ""


def generated(generator: Generator, example: object, context: GeneratorContext) -> Any:
    """Return a value from *generator*, or *example* when its type is unknown or its input is unusable."""
    make = _MAKERS.get(str(generator.get("type")))
    try:
        return make(generator, example, context) if make else example
    except (ValueError, TypeError, OverflowError):
        return example


def _random_int(generator: Generator, _: object, context: GeneratorContext) -> int:
    return context.random.randint(int(generator.get("min", 0)), int(generator.get("max", _LARGEST_INT)))


def _count(generator: Generator, key: str, default: int) -> int:
    """Return how many characters are wanted; raises ValueError for more than any provider reads."""
    count = int(generator.get(key, default))
    if count > _MOST_CHARACTERS:
        raise ValueError(f"{key} is {count}")
    return count


def _random_decimal(generator: Generator, _: object, context: GeneratorContext) -> float:
    """Return a number with the wanted count of digits, at least one of them after the decimal point."""
    count = min(max(_count(generator, "digits", 10), 2), _MOST_DIGITS)
    behind = context.random.randrange(1, count)
    first, last = context.random.choices("123456789", k=2)
    drawn = first + "".join(context.random.choices(digits, k=count - 2)) + last
    return float(f"{drawn[:-behind]}.{drawn[-behind:]}")


def _random_hexadecimal(generator: Generator, _: object, context: GeneratorContext) -> str:
    return "".join(context.random.choices("0123456789ABCDEF", k=_count(generator, "digits", 10)))


def _random_string(generator: Generator, _: object, context: GeneratorContext) -> str:
    return "".join(context.random.choices(ascii_letters + digits, k=_count(generator, "size", 20)))


def _random_boolean(_generator: Generator, _: object, context: GeneratorContext) -> bool:
    return context.random.choice((True, False))


def _regex(generator: Generator, example: object, context: GeneratorContext) -> Any:
    """Return a text that matches the whole regex, or the example when no try gives one."""
    from rstr import Rstr  # noqa: PLC0415 - few contracts need it

    expression = str(generator.get("regex", ""))
    # Repeats inside of repeats multiply.
    if prod(int(last or first) or 1 for first, last in _REPEATS.findall(expression)) > _MOST_CHARACTERS:
        return example
    try:
        # rstr ignores parts such as lookarounds, so its text has to be checked.
        matches, source = full_match(expression), Rstr(context.random)
        with warnings.catch_warnings():  # what draws a text knows Python's expressions alone
            warnings.simplefilter("ignore", FutureWarning)
            drawn = (source.xeger(for_python(expression)) for _ in range(_TRIES))
            return next((text for text in drawn if matches(text)), example)
    except (RegexError, re.error):
        return example


_UUIDS: dict[str, Callable[[uuid.UUID], str]] = {
    "simple": lambda drawn: drawn.hex,
    "lower-case-hyphenated": str,
    "upper-case-hyphenated": lambda drawn: str(drawn).upper(),
    "URN": lambda drawn: drawn.urn,
}


def _uuid(generator: Generator, _: object, context: GeneratorContext) -> str:
    write = _UUIDS.get(str(generator.get("format")), str)
    return write(uuid.UUID(int=context.random.getrandbits(128), version=4))


def _moment(pattern: str) -> Callable[[Generator, Any, GeneratorContext], str]:
    """Return a generator of dates and times; *pattern* is the default format."""

    def make(generator: Generator, example: object, context: GeneratorContext) -> Any:
        try:
            then = moment(str(generator.get("expression") or "now"), context.now)
            return formatted(then, str(generator.get("format") or pattern))
        except DateError:
            return example

    return make


def state_value(generator: Generator, example: Any, values: Mapping[str, Any]) -> Any:
    """Return the value of a ProviderState generator, converted to the type of *example* where possible.

    For a generator of any other type, return the example.
    """
    made = _with_values(generator, example, values) if generator.get("type") == "ProviderState" else example
    # bool is a subclass of int: int(True) would turn a value of the wrong type into a number.
    if isinstance(made, bool) or isinstance(example, bool) or not isinstance(example, str | int | float):
        return made
    try:
        return made if isinstance(made, type(example)) else type(example)(made)
    except (TypeError, ValueError):
        return made


def _provider_state(generator: Generator, example: object, context: GeneratorContext) -> Any:
    return _with_values(generator, example, context.values)


def _with_values(generator: Generator, example: object, values: Mapping[str, Any]) -> Any:
    """Fill in the expression, such as "/orders/${id}"; return the example when a value is missing.

    "${id}" alone keeps the type of the value, unless the generator has a dataType. With other text around it,
    the result is text.
    """
    expression = str(generator.get("expression", ""))
    names = _EXPRESSION.findall(expression)
    if not names or not all(name in values for name in names):
        return example
    if expression == f"${{{names[0]}}}":
        return _typed(values[names[0]], generator.get("dataType"))
    text = _EXPRESSION.sub(lambda match: str(values[match[1]]), expression)
    return _typed(text, generator.get("dataType"))


def _typed(value: object, data_type: str | None) -> Any:
    if data_type == "STRING":
        return str(value)
    if data_type == "BOOLEAN":
        return str(value).lower() == "true"
    try:
        return _NUMBERS[data_type](value) if data_type in _NUMBERS else value
    except (TypeError, ValueError):
        return value


def _mock_server_url(generator: Generator, example: object, context: GeneratorContext) -> Any:
    """Return the provider's address, followed by the part of the example that the regex captures."""
    found = re.search(str(generator.get("regex", "")), str(generator.get("example", example)))
    if not found or not found.groups() or found[1] is None:
        return example
    return f"{context.base_url.rstrip('/')}/{found[1].lstrip('/')}"


_MAKERS: dict[str, Callable[[Generator, Any, GeneratorContext], Any]] = {
    "RandomInt": _random_int,
    "RandomDecimal": _random_decimal,
    "RandomHexadecimal": _random_hexadecimal,
    "RandomString": _random_string,
    "RandomBoolean": _random_boolean,
    "Regex": _regex,
    "Uuid": _uuid,
    "Date": _moment("yyyy-MM-dd"),
    "Time": _moment("HH:mm:ss"),
    "DateTime": _moment("yyyy-MM-dd'T'HH:mm:ss.SSSSSS"),
    "ProviderState": _provider_state,
    "MockServerURL": _mock_server_url,
}
