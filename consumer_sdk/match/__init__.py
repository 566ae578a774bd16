"""Matchers: an example for the consumer's test, and the rule that the provider's answer must satisfy.

    {"id": match.integer(7), "items": match.each_like({"sku": "tea"})}

Without a matcher a value must be equal. Matchers nest, and may stand for a path, a header, a query value,
a status, a body or a message's metadata. The rules are those of the Pact specification.
"""

from typing import NoReturn

from consumer_sdk.errors import DeclarationError
from consumer_sdk.match.containers import (
    array_containing,
    each_key,
    each_like,
    each_value,
    equal,
    like,
    not_empty,
)
from consumer_sdk.match.contents import StatusClass, content_type, status_code
from consumer_sdk.match.dates import TIMESTAMP_FORMAT, date, time, timestamp
from consumer_sdk.match.matcher import Matcher, all_of, any_of, example_of
from consumer_sdk.match.texts import (
    base64,
    hexadecimal,
    includes,
    ipv4,
    ipv6,
    one_of,
    regex,
    semver,
    url,
    uuid,
)
from consumer_sdk.match.values import boolean, decimal, integer, null, number

__all__ = [
    "TIMESTAMP_FORMAT",
    "Matcher",
    "StatusClass",
    "all_of",
    "any_of",
    "array_containing",
    "base64",
    "boolean",
    "content_type",
    "date",
    "decimal",
    "each_key",
    "each_like",
    "each_value",
    "equal",
    "example_of",
    "hexadecimal",
    "includes",
    "integer",
    "ipv4",
    "ipv6",
    "like",
    "not_empty",
    "null",
    "number",
    "one_of",
    "optional",
    "regex",
    "semver",
    "status_code",
    "time",
    "timestamp",
    "url",
    "uuid",
]


def optional(*_: object, **__: object) -> NoReturn:
    """Raise DeclarationError: a pact has no word for a field that may be there or not.

    Every example is an answer that the provider must be able to give. See docs/matchers.md.
    """
    raise DeclarationError(
        "optional: a pact cannot say that a field may be there or not: a provider that never sends it would "
        "pass, though the code may rely on it. Declare two interactions with two states, one with the field "
        "and one without it. A field that may be null is match.any_of(match.like(…), match.null()); a field "
        "that the code does not read does not belong in the pact."
    )
