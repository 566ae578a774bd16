"""What must not be in a file that is shared: values under names of secrets, and what looks like a token."""

import re
from collections.abc import Callable
from typing import Any

from tally.drafts.text_kinds import kind_of_text
from tally.pact.path_expressions import format_path

REDACTED = "REDACTED"

Note = Callable[[str], object]
"""Takes the place of each value that was taken out, in words."""

_PARTS_OF_NAMES = re.compile(
    "passw(or)?d|passphrase|passwort|secret|token|apikey|accesskey|privatekey|signingkey|subscriptionkey"
    "|credential|authori[sz]ation|sessionid|sessionkey|encryptionkey|connectionstring|cookie|jwt|csrf|xsrf"
    "|signature|cardnumber|bearer|clientassertion|(auth|otp|pin|mfa|verification|security|access|recovery)code"
)
_WHOLE_NAMES = frozenset(
    {"auth", "code", "codeverifier", "cvc", "cvv", "iban", "key", "otp", "pass", "pin", "pwd", "session"}
    | {"sid", "sig", "ssn", "totp", "xauth", "xapikey"}
)
_NO_SECRETS = re.compile(
    r"tokentype|(expir|type|count|length|policy|required|enabled|url|uri|endpoint|name)\w{0,7}$"
)
"""Names about a secret, which is not in them: token_type, password_expires_at, token_url."""
_KEYS_OF_PLACES = frozenset({"code", "key"})
"""Names that are secrets in a query or a form, and anything in JSON: a country's code, a key of a map."""

_JWT = r"eyJ[\w-]{8,4000}\.[\w-]{4,8000}\.[\w-]{0,2000}"
_PREFIXED = (
    r"(?:gh[pousr]_|github_pat_|glpat-|npm_|pypi-|xox[abeoprs]-|sk-|[sprw]k_(?:live|test)_|whsec_|dop_v1_|hf_|tally[psc]_)"
    r"[\w-]{8,}|(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[\w-]{30,}|ya29\.[\w-]{10,}|SG\.[\w-]{10,}\.[\w-]{10,}"
)
_PEM = r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?:.|\n)*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)"
TOKEN_BY_SHAPE = re.compile(rf"{_JWT}|(?<![\w-])(?:{_PREFIXED})")
"""Tokens that are known by how they begin."""
_BY_SHAPE = re.compile(rf"{TOKEN_BY_SHAPE.pattern}|{_PEM}")
_SCHEME = re.compile(r"\b(bearer|basic|digest|negotiate)(\s+)[\w.~+/=:-]{8,}", re.IGNORECASE)
_USER = re.compile(r"(?<=://)[^/\s:@\"']+:[^/\s@\"']+(?=@)")
_NAME = re.compile(r"(?P<name>[\w.-]{2,60})[\"']?(?:\s{0,4}[=:]\s{0,4}|>)")
_VALUE = re.compile(r"\"[^\"]*\"|'[^']*'|[^\s,;&<>)}\]\"']+")
"""A name in text, and the value behind it: password=x, "password": "x", <password>x."""
_ELEMENT = re.compile(
    r"<(?P<name>[\w:.-]{2,60})(?:\s[^<>]*)?(?<!/)>(?P<value>[^<]+|<!\[CDATA\[.{0,4000}?\]\]>)", re.DOTALL
)
"""An element of XML with text in it."""
_INPUT = re.compile(r"<[^<>]*\bname=[\"'](?P<name>[^\"'<>]{2,60})[\"'][^<>]*>")
_VALUE_OF_INPUT = re.compile(r"(\bvalue=)([\"'])[^\"'<>]+\2")
"""A field of a form in HTML."""
_LONG_STEP = re.compile(r"(?<=[/=])[^/\s?&#=\"'<>]{32,}")
"""A part of the path of an address, or a value of its query."""
_LONGEST = 64 * 1024
"""Characters of a text that is looked through; a longer one says nothing in a draft."""
_OPAQUE = re.compile(r"[\w.~+/=-]{32,}")
_RUN = re.compile(r"[A-Za-z0-9+/]{20,}")


def is_secret_name(name: str, *, in_json: bool = False) -> bool:
    """Whether a value of this name is a secret, however the name is written: api_key, X-Api-Key, apiKey."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    if in_json and plain in _KEYS_OF_PLACES:
        return False
    if plain in _WHOLE_NAMES:
        return True
    return bool(_PARTS_OF_NAMES.search(plain)) and not _NO_SECRETS.search(plain)


def without_secrets(text: str) -> str:
    """Return *text* with everything that looks like a secret replaced: tokens, credentials, named values."""
    if len(text) > _LONGEST or is_opaque(text):
        return REDACTED
    text = _BY_SHAPE.sub(REDACTED, text)
    text = _SCHEME.sub(rf"\1\2{REDACTED}", text)
    text = _USER.sub(REDACTED, text)
    text = _LONG_STEP.sub(lambda step: REDACTED if is_opaque(step[0]) else step[0], text)
    if "<" in text:
        text = _INPUT.sub(_without_input, _ELEMENT.sub(_without_element, text))
    return _without_named_values(text)


def is_opaque(text: str) -> bool:
    """Whether a whole text looks like a random token: long, without spaces, letters and digits in one run."""
    if not _OPAQUE.fullmatch(text):
        return False
    kind = kind_of_text(text)
    # A digest, or as well the key of a session.
    return kind.name == "hash" if kind else any(_is_mixed(run) for run in _RUN.findall(text))


def redacted_header(name: str, value: str) -> str:
    """Return the value of a header with its secrets replaced, and all that is not one kept."""
    plain = name.lower()
    if plain in {"authorization", "proxy-authorization"}:
        scheme, space, _ = value.strip().partition(" ")
        return f"{scheme} {REDACTED}" if space else REDACTED
    if plain == "cookie":
        names = (pair.partition("=")[0].strip() for pair in value.split(";") if pair.strip())
        return "; ".join(f"{name}={REDACTED}" for name in names)
    return REDACTED if is_secret_name(name) else without_secrets(value)


def redacted_json(value: Any, note: Note, path: tuple[str | int, ...] = ()) -> Any:
    """Return JSON with its secrets replaced by values of the same type, so that a rule by type fits both."""
    name = next((step for step in reversed(path) if isinstance(step, str)), "")
    if isinstance(value, dict) and is_secret_name(name, in_json=True):
        return {key: _replaced(item, note, (*path, key)) for key, item in value.items()}
    if isinstance(value, dict):
        return {
            _noted(key, without_secrets(key), note, path): redacted_json(item, note, (*path, key))
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [redacted_json(item, note, (*path, index)) for index, item in enumerate(value)]
    is_amount = isinstance(value, int | float) and name.lower().endswith("tokens")
    if is_secret_name(name, in_json=True) and not is_amount:
        return _replaced(value, note, path)
    if isinstance(value, str):
        return _noted(value, without_secrets(value), note, path)
    return value


def _replaced(value: Any, note: Note, path: tuple[str | int, ...]) -> Any:
    """Return what stands for a secret; true, false, null and empty text say nothing secret."""
    if isinstance(value, dict):
        return {key: _replaced(item, note, (*path, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, note, (*path, index)) for index, item in enumerate(value)]
    if isinstance(value, bool) or value is None or value == "":
        return value
    if isinstance(value, str):
        return _noted(value, REDACTED, note, path)
    return _noted(value, 1.5 if isinstance(value, float) else 1, note, path)


def _noted(before: Any, after: Any, note: Note, path: tuple[str | int, ...]) -> Any:
    if before != after:
        # Of a list one line is enough, whichever item it is.
        note(re.sub(r"\[\d+\]", "[*]", format_path(tuple(map(_clean_step, path)))))
    return after


def _clean_step(step: str | int) -> str | int:
    return redacted_name(step) if isinstance(step, str) else step


def _without_element(found: re.Match[str]) -> str:
    if not found["value"].strip() or not is_secret_name(found["name"], in_json=True):
        return found[0]
    return found[0].removesuffix(found["value"]) + REDACTED


def _without_input(found: re.Match[str]) -> str:
    if not is_secret_name(found["name"], in_json=True):
        return found[0]
    return _VALUE_OF_INPUT.sub(rf"\1\2{REDACTED}\2", found[0])


def _without_named_values(text: str) -> str:
    pieces = []
    end = 0
    for found in _NAME.finditer(text):
        in_address = text[max(0, found.start() - 1)] in "?&"
        if found.start() < end or not is_secret_name(found["name"], in_json=not in_address):
            continue
        value = _VALUE.match(text, found.end())
        if value is None:
            continue
        quote = value[0][0] if value[0][0] in "\"'" else ""
        if not value[0].startswith(quote + REDACTED):
            pieces += [text[end : value.start()], quote, REDACTED, quote]
            end = value.end()
    return "".join([*pieces, text[end:]])


def _is_mixed(run: str) -> bool:
    return any(letter.isdigit() for letter in run) and any(letter.isalpha() for letter in run)


def redacted_name(name: str) -> str:
    """Return the name of a parameter, or what stands for it when it is a token itself."""
    return REDACTED if is_opaque(name) or _BY_SHAPE.search(name) else name


def redacted_pairs(pairs: tuple[tuple[str, str], ...], note: Note) -> tuple[tuple[str, str], ...]:
    """Return the values of a query or a form with their secrets replaced."""
    found = []
    for name, value in pairs:
        is_secret = bool(value) and is_secret_name(name)
        after = REDACTED if is_secret else without_secrets(value)
        shown = redacted_name(name)
        if (shown, after) != (name, value):
            note(shown)
        found.append((shown, after))
    return tuple(found)
