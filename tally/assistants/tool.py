"""A tool: a function of this package, with what an assistant reads about it."""

import inspect
import logging
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, TypeVar

from tally.assistants.answers import Answer, ToolError
from tally.assistants.parameters import checked, schema_of
from tally.assistants.sources.sources import Sources
from tally.errors import BrokerUnreachableError, TallyError, UnauthorisedError
from tally.values import dataclass

logger = logging.getLogger("tally.assistants")
_Answer = TypeVar("_Answer")
SECONDS = 50
"""How long a call may take, if the tool says nothing else: many clients give up after 60 seconds."""


@dataclass(frozen=True)
class Tool:
    """Its name and its description are those of *function*: (sources, **arguments) -> Answer.

    One that *writes* is offered only where writing is allowed; none deletes anything. One that is *local*
    runs programs on the machine of the server, or publishes its files, and is offered only to the editor that
    started it. One that *asks_others* sends requests to others than the broker, which may change their data.
    A call that takes more than *seconds* is answered with that.
    """

    function: Callable[..., Answer]
    writes: bool = False
    local: bool = False
    seconds: float = SECONDS
    asks_others: bool = False

    @property
    def name(self) -> str:
        """What an assistant calls."""
        return self.function.__name__

    @cached_property
    def description(self) -> str:
        """When to call it, and what it answers."""
        return inspect.cleandoc(self.function.__doc__ or "")

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of its arguments."""
        return schema_of(self.function)

    def call(self, sources: Sources, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer. Raises ToolError, whose text is for the assistant; nothing else."""
        return explained(
            self.name, lambda: self.function(sources, **checked(self.schema, arguments)).document()
        )


def explained(name: str, ask: Callable[[], _Answer]) -> _Answer:
    """Return what *ask* returns. Raises ToolError as `Tool.call` does; *name* is what was asked."""
    try:
        return ask()
    except ToolError:
        raise
    except UnauthorisedError as error:
        raise ToolError(
            f"{error} Whoever starts `tally mcp` names the credentials; over HTTP, each request has its own "
            "(Authorization)."
        ) from error
    except BrokerUnreachableError as error:
        raise ToolError(f"{error} Nothing is known without it; try again when it answers.") from error
    except TallyError as error:
        raise ToolError(str(error)) from error
    except Exception as error:
        logger.exception("%s failed", name)
        raise ToolError(
            f"{name} failed unexpectedly ({type(error).__name__}). The log of `tally mcp` says more."
        ) from error
