"""Matchers of texts."""

import re
from typing import Any, overload

from consumer_sdk.errors import DeclarationError
from consumer_sdk.match.matcher import Matcher, all_of, checked
from tally.matching.regular_expressions import RegexError, full_match

_SPECIAL = re.compile(r"[\\.^$|?*+()\[\]{}]")
_GROUP_OF_PYTHON = re.compile(r"(?<!\\)((?:\\\\)*)\(\?P(<|=(\w+)\))")
_UUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
_BYTE = r"(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
_IPV4 = rf"^({_BYTE}\.){{3}}{_BYTE}$"
_GROUP = "[0-9a-fA-F]{1,4}"
_IPV6 = "|".join(
    [
        f"({_GROUP}:){{7}}{_GROUP}",
        f"({_GROUP}:){{1,7}}:",
        *(f"({_GROUP}:){{1,{7 - after}}}(:{_GROUP}){{1,{after}}}" for after in range(1, 7)),
        f":(:{_GROUP}){{1,7}}",
    ]
)
_HEXADECIMAL = "^[0-9a-fA-F]+$"
_BASE64 = "^([0-9a-zA-Z+/]{4})*([0-9a-zA-Z+/]{2}==|[0-9a-zA-Z+/]{3}=)?$"
_URL = r"^[a-zA-Z][a-zA-Z0-9+.-]*://[^\s/?#]+([/?#]\S*)?$"


def regex(example: str, pattern: str) -> Matcher[str]:
    """Accept text that *pattern* matches; write ``^`` and ``$``: some verifiers look for it inside of texts.

    Raises DeclarationError when it does not match the whole of *example*, as other verifiers want.
    """
    return _regex("regex", example, pattern)


def _regex(name: str, example: str, pattern: str) -> Matcher[str]:
    for what, text in (("example", example), ("pattern", pattern)):
        if not isinstance(text, str):
            raise DeclarationError(f"{name}: the {what} {text!r} is no text; give a str.")
    pattern = _GROUP_OF_PYTHON.sub(_named_group, pattern)
    try:
        matches = full_match(pattern)
    except RegexError as error:
        raise DeclarationError(f"{name}: {pattern!r} is no regular expression: {error}.") from error
    if not matches(example):
        raise DeclarationError(f"{name}: the example {example!r} does not match {pattern!r}.")
    return Matcher("regex", example, {"regex": pattern})


def _named_group(found: re.Match[str]) -> str:
    """Return a named group, or what refers to it, as all languages but Python spell it."""
    return rf"{found[1]}\k<{found[3]}>" if found[3] else f"{found[1]}(?<"


@overload
def one_of(first: str, *others: str) -> Matcher[str]: ...
@overload
def one_of(first: int, *others: int) -> Matcher[int]: ...
def one_of(first: str | int, *others: str | int) -> Matcher[Any]:
    """Accept one of these texts or whole numbers; the example is the first."""
    values = (first, *others)
    if any(isinstance(value, bool) or not isinstance(value, str | int) for value in values):
        raise DeclarationError(f"one_of: give texts or whole numbers, not {values!r}.")
    if len({type(value) for value in values}) > 1:
        raise DeclarationError(f"one_of: {values!r} are of several types; join them: match.any_of(…, …).")
    pattern = "^(" + "|".join(_SPECIAL.sub(r"\\\g<0>", str(value)) for value in values) + ")$"
    if isinstance(first, str):
        return Matcher("regex", first, {"regex": pattern})
    # The expression alone would accept the digits as a text.
    return all_of(Matcher("integer", first), Matcher("regex", first, {"regex": pattern}))


def includes(text: str, example: str | None = None) -> Matcher[str]:
    """Accept text that contains *text*, which is the example as well unless another is given."""
    if not text or not isinstance(text, str):
        raise DeclarationError(f"includes: {text!r} cannot be looked for; give a text that is not empty.")
    return checked("includes", Matcher("include", text if example is None else example, {"value": text}))


def semver(example: str) -> Matcher[str]:
    """Accept a version as semver.org defines it: 1.2.3-rc.1."""
    return checked("semver", Matcher("semver", example))


def uuid(example: str) -> Matcher[str]:
    """Accept a UUID with hyphens, in either case."""
    return _regex("uuid", str(example), _UUID)


def ipv4(example: str) -> Matcher[str]:
    """Accept an address of IPv4: 192.0.2.1."""
    return _regex("ipv4", example, _IPV4)


def ipv6(example: str) -> Matcher[str]:
    """Accept an address of IPv6, without a zone and without a part in dots: 2001:db8::1."""
    return _regex("ipv6", example, f"^({_IPV6})$")


def hexadecimal(example: str) -> Matcher[str]:
    """Accept hexadecimal digits in either case, at least one."""
    return _regex("hexadecimal", example, _HEXADECIMAL)


def base64(example: str) -> Matcher[str]:
    """Accept base64 with its padding, on one line."""
    return _regex("base64", example, _BASE64)


def url(example: str) -> Matcher[str]:
    """Accept an absolute URL with a host, of any scheme."""
    return _regex("url", example, _URL)
