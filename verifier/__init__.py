"""The verifier: replays contracts against a provider.

The names below are loaded on first use, so importing this package costs nothing.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from verifier.reporting.explanation import explanation
    from verifier.results.result import Report
    from verifier.verifier import Verifier

__all__ = ["Report", "Verifier", "explanation"]
_HOMES = {
    "Verifier": "verifier.verifier",
    "Report": "verifier.results.result",
    "explanation": "verifier.reporting.explanation",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        from importlib import import_module  # noqa: PLC0415 - see the module's docstring

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
