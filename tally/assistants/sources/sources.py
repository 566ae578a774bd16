"""What the tools answer from: a broker, files of the user's machine, or both."""

from collections.abc import Collection
from dataclasses import field
from pathlib import Path

from tally.assistants.answers import ToolError
from tally.assistants.sources.files import Files
from tally.broker_client import BrokerClient
from tally.values import dataclass

__all__ = ["Files", "Sources"]


@dataclass(frozen=True)
class Sources:
    """*asked* is the broker as the person who asks may use it; None where no broker was named.

    *folder* is where the paths in arguments begin; None for who asks from another machine, and gives texts.
    *allowed_providers* are the hosts besides this machine that a provider may be verified on.
    """

    asked: BrokerClient | None = None
    files: Files = field(default_factory=Files)
    folder: Path | None = None
    allowed_providers: Collection[str] = ()

    @property
    def broker(self) -> BrokerClient:
        """The broker. Raises ToolError where there is none."""
        if self.asked is None:
            raise ToolError(
                "This needs a broker, and `tally mcp` was started without one: start it with "
                "--broker-base-url URL, or set PACT_BROKER_BASE_URL."
            )
        return self.asked
