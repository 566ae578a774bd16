"""What the variables of paths may be: their schemas, by the method of the request."""

from broker.web.description.notation import Schema
from broker.web.lengths import LONGEST, STORING

_CONTROL = r"\u0000-\u001f\u007f"
_BLANK = r"\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_ANY = f"^[^{_CONTROL}]+$"
_NOT_BLANK = f"^[^{_CONTROL}]*[^{_CONTROL}{_BLANK}][^{_CONTROL}]*$"
_PATTERNS = {"number": "^[0-9]{1,18}$"}
_PATTERNS_WHERE_STORED = {
    "metadata": _ANY,
    "secret": "^[A-Za-z0-9_.-]+$",
    "sha": "^[A-Za-z0-9_-]+$",
    "uuid": "^[A-Za-z0-9_-]+$",
}
"""Where they differ from those of names; what has another form is not found."""


def in_path(variable: str, method: str) -> Schema:
    """Return the schema of a variable, as clients know it.

    Names that are looked up may be anything but have control characters; those that are stored, neither
    blank nor long.
    """
    found: Schema = {"type": "string", "minLength": 1, "pattern": _PATTERNS.get(variable, _ANY)}
    if method in STORING:
        found["pattern"] = {**_PATTERNS, **_PATTERNS_WHERE_STORED}.get(variable, _NOT_BLANK)
        if variable in LONGEST:
            found["maxLength"] = LONGEST[variable]
    return found
