"""The consumer SDK: records interactions from unit tests.

`Recorder`, what is for test modules (it loads pytest), and the modules that not every suite uses are imported
on first use; everything else is light.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from consumer_sdk import match
from consumer_sdk.declarations import Message
from consumer_sdk.errors import ConflictError, DeclarationError, MismatchError

if TYPE_CHECKING:
    from consumer_sdk import bodies, generate, metadata
    from consumer_sdk.pytest_fixtures import PactTests, pact_attribute, pact_fixture
    from consumer_sdk.recording import Recorder

__all__ = [
    "ConflictError",
    "DeclarationError",
    "Message",
    "MismatchError",
    "PactTests",
    "Recorder",
    "bodies",
    "generate",
    "match",
    "metadata",
    "pact_attribute",
    "pact_fixture",
]


def __getattr__(name: str) -> Any:
    if name == "Recorder":
        from consumer_sdk.recording import Recorder  # noqa: PLC0415 - see the module's docstring

        return Recorder
    if name in {"bodies", "generate", "metadata"}:
        return import_module(f"consumer_sdk.{name}")
    if name in {"PactTests", "pact_attribute", "pact_fixture"}:
        from consumer_sdk import pytest_fixtures  # noqa: PLC0415 - see the module's docstring

        return getattr(pytest_fixtures, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
