"""A tool: a function of this package, with what an assistant reads about it."""

import inspect
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tally.assistants.answers import Answer, ToolError
from tally.assistants.parameters import checked, schema_of
from tally.assistants.sources import Sources
from tally.errors import BrokerUnreachableError, TallyError, UnauthorisedError

logger = logging.getLogger("tally.assistants")


@dataclass(frozen=True)
class Tool:
    """Its name and its description are those of *function*: (sources, **arguments) -> Answer.

    One that *writes* is offered only where writing is allowed; none deletes anything.
    """

    function: Callable[..., Answer]
    writes: bool = False

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
        try:
            return self.function(sources, **checked(self.schema, arguments)).document()
        except ToolError:
            raise
        except UnauthorisedError as error:
            raise ToolError(
                f"{error} The broker asks for other credentials: start `tally mcp` with --broker-token "
                "(PACT_BROKER_TOKEN), or send one to the server."
            ) from error
        except BrokerUnreachableError as error:
            raise ToolError(f"{error} Nothing is known without it; try again when it answers.") from error
        except TallyError as error:
            raise ToolError(str(error)) from error
        except Exception as error:
            logger.exception("The tool %s failed", self.name)
            raise ToolError(
                f"{self.name} failed unexpectedly ({type(error).__name__}). The log of `tally mcp` says more."
            ) from error
