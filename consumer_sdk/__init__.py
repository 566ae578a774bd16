"""The consumer SDK: records interactions from unit tests.

`Recorder` loads pact-python, so it is imported on first use; everything else is light.
"""

from typing import TYPE_CHECKING, Any

from consumer_sdk import bodies, generate, match, metadata
from consumer_sdk.declarations import Message
from consumer_sdk.errors import ConflictError, DeclarationError, MismatchError

if TYPE_CHECKING:
    from consumer_sdk.recording import Recorder

__all__ = [
    "ConflictError",
    "DeclarationError",
    "Message",
    "MismatchError",
    "Recorder",
    "bodies",
    "generate",
    "match",
    "metadata",
]


def __getattr__(name: str) -> Any:
    if name == "Recorder":
        from consumer_sdk.recording import Recorder  # noqa: PLC0415 - see the module's docstring

        return Recorder
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
