"""Secrets by their names in a text: in URLs, forms, JSON and XML, whatever the text as a whole is.

They are shown as stars. Stars that come back stand for what is stored under the same name, in the same order.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

from broker.domain.webhooks.templates import has_parameter
from tally.drafts.secrets import TOKEN_BY_SHAPE, is_secret_name
from tally.values import dataclass

STARS = "**********"
_NO_SECRETS = frozenset({"x-tally-signature"})
"""Names like those of secrets; this one tells nothing of the secret that it was made with."""
# A value may hold further ones, such as an address with a query of its own: it is only looked at.
_PART = re.compile(
    r"(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,20}://(?P<userinfo>[^\s/?#@\"'<>]+)@"
    r"|(?<![^?&;#\s\"'(])(?P<name>[^=&?;#\s\"'<>(]{1,100})=(?=(?P<value>[^&;#\s\"'<>]+))"
    r"|\\?\"(?P<key>[^\"\\]{1,100})\\?\"\s{0,10}:\s{0,10}"
    r"(?=(?P<text>\"(?:[^\"\\]|\\.)*\"|\\\"(?:[^\"\\])*\\\"|-?\d[\d.eE+-]*))"
    r"|<(?P<tag>[\w:.-]{1,100})>(?=(?P<inside>[^<]+)</(?P=tag)>)"
    r"|\b(?P<scheme>Bearer|Basic)[ +]"
    r"(?P<credentials>(?=[^\s\"'<>]{0,500}[0-9=])[A-Za-z0-9._~+/=:-]{8,}|\*{3,})"
    # Receivers whose address is the secret.
    r"|(?:hooks\.slack\.com/[a-z]+/|discord(?:app)?\.com/api/webhooks/\d+/|api\.telegram\.org/bot"
    r"|\.webhook\.office\.com/webhookb2/)(?P<path>[^\s?#\"'<>]+)"
    rf"|(?P<token>{TOKEN_BY_SHAPE.pattern}|\*{{10}})",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class _Secret:
    """A value in a text, by its *name*; *shown* is what stands there instead."""

    name: str
    start: int
    end: int
    shown: str = STARS


def is_secret(name: str) -> bool:
    """Return whether the value of a header, or of a property, with this name is not shown."""
    return name.lower() not in _NO_SECRETS and is_secret_name(name, in_json=True)


def is_secret_in_query(name: str) -> bool:
    """Return whether the value of a parameter of a URL with this name is not shown."""
    return is_secret_name(name)


def starred(text: str) -> str:
    """Return the text with stars in place of secrets; those that are parameters are no secrets."""
    return _replaced(text, lambda secret: secret.shown)


def restored(text: str, stored: str) -> str:
    """Return the text with the stored values in place of stars; those without a stored one stay stars."""
    kept: Mapping[str, list[str]] = defaultdict(list)
    for secret in _secrets(stored):
        kept[secret.name].append(stored[secret.start : secret.end])
    seen: dict[str, int] = defaultdict(int)

    def value(secret: _Secret) -> str:
        given, number = text[secret.start : secret.end], seen[secret.name]
        seen[secret.name] += 1
        is_kept = is_stars(given) and number < len(kept[secret.name])
        return kept[secret.name][number] if is_kept else given

    return _replaced(text, value)


def blanked(text: str) -> str:
    """Return the text with nothing in place of values that are nothing but stars."""

    def value(secret: _Secret) -> str:
        given = text[secret.start : secret.end]
        return given.replace("*", "") if is_stars(given) else given

    return _replaced(text, value)


def is_stars(value: str) -> bool:
    """Return whether the value is nothing but stars, perhaps quoted."""
    inside = value.strip('\\"')
    return bool(inside) and not inside.strip("*")


def _replaced(text: str, value: Callable[[_Secret], str]) -> str:
    parts, last = [], 0
    for secret in _secrets(text):
        parts += [text[last : secret.start], value(secret)]
        last = secret.end
    return "".join([*parts, text[last:]])


def _secrets(text: str) -> Iterator[_Secret]:
    end = 0
    for found in _PART.finditer(text):
        secret = _secret(found)
        if secret is None or secret.start < end:  # a part of another one
            continue
        if not has_parameter(text[secret.start : secret.end]):
            end = secret.end
            yield secret


def _secret(found: re.Match[str]) -> _Secret | None:
    if found["userinfo"]:
        return _Secret("userinfo", *found.span("userinfo"))
    if found["name"] and is_secret_in_query(found["name"]):
        return _Secret(found["name"], *found.span("value"))
    if found["key"] and is_secret(found["key"]):
        quote = '\\"' if found["text"].startswith("\\") else '"'
        return _Secret(found["key"], *found.span("text"), f"{quote}{STARS}{quote}")
    if found["tag"] and is_secret(found["tag"]):
        return _Secret(found["tag"], *found.span("inside"))
    for part, name in (("credentials", found["scheme"]), ("path", "path"), ("token", "token")):
        if found[part]:
            return _Secret(name, *found.span(part))
    return None
