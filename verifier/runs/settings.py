"""The settings of a run as Python code gives them by name, checked. Pure."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import fields
from difflib import get_close_matches
from typing import Any

from tally.errors import UsageError
from verifier.generation.settings import Generation
from verifier.options import Options, PactSelection, ProviderVersion
from verifier.provider.address import address
from verifier.replay.concurrency import Pace
from verifier.results.budgets import Budgets
from verifier.selection.filters import Filters
from verifier.selection.shard import Shard
from verifier.transport.tls import Tls
from verifier.transport.transport import Headers

_VALUES: Mapping[str, type] = {
    "pace": Pace,
    "filters": Filters,
    "tls": Tls,
    "budgets": Budgets,
    "selection": PactSelection,
    "version": ProviderVersion,
    "shard": Shard,
    "generation": Generation,
}
_SECONDS = ("timeout", "total_timeout")
_COUNTS = {"repeat": 1, "connection_retries": 0}
_ADDRESSES = ("state_change_url", "message_url")
_OPTIONAL = ("shard", "total_timeout", "coverage_min", *_ADDRESSES)


def options_of(given: Mapping[str, Any]) -> Options:
    """Return the options; raises UsageError, which names the setting that is not known, or wrong."""
    known = {field.name for field in fields(Options)}
    for name in given.keys() - known:
        near = get_close_matches(name, known, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise UsageError(f"The verifier has no setting {name!r}.{hint}")
    return Options(**{name: _checked(name, value) for name, value in given.items()})


def _checked(name: str, value: Any) -> Any:
    if value is None and name in _OPTIONAL:
        return value
    if name == "headers":
        return _headers(value)
    if name in _ADDRESSES:
        return value if isinstance(value, str) and value.startswith("/") else address(name, str(value))
    wanted = _what_is_wanted(name, value)
    if wanted:
        raise UsageError(f"{name} is {value!r}: give {wanted}.")
    return value


def _what_is_wanted(name: str, value: Any) -> str | None:
    """Return what a setting has to be, when it is something else."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if name in _SECONDS and not (is_number and value > 0):
        return "a number of seconds above 0"
    if name in _COUNTS and not (isinstance(value, int) and is_number and value >= _COUNTS[name]):
        return f"a number from {_COUNTS[name]} on"
    kind = _VALUES.get(name)
    return f"a {kind.__module__}.{kind.__name__}" if kind and not isinstance(value, kind) else None


def _headers(value: Mapping[str, str] | Iterable[tuple[str, str]]) -> Headers:
    """Return headers that are given as pairs, or as a mapping."""
    pairs: list[tuple[Any, Any]] = [(None, None)]
    with suppress(TypeError, ValueError):
        pairs = [(name, text) for name, text in (value.items() if isinstance(value, Mapping) else value)]
    if not all(isinstance(text, str) for pair in pairs for text in pair):
        raise UsageError(f"headers is {value!r}: give pairs of a name and a value, both texts.")
    return tuple(pairs)
