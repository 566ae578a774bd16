"""What the tools answer from: a broker, files of the user's machine, or both."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tally.assistants.answers import ToolError
from tally.broker_client import BrokerClient


@dataclass(frozen=True)
class Files:
    """Pact files or folders of them, and service contracts, as the user named them."""

    pacts: Sequence[Path] = ()
    contracts: Sequence[Path] = ()

    def __bool__(self) -> bool:
        return bool(self.pacts or self.contracts)


@dataclass(frozen=True)
class Sources:
    """*asked* is the broker as the person who asks may use it; None where no broker was named."""

    asked: BrokerClient | None = None
    files: Files = Files()

    @property
    def broker(self) -> BrokerClient:
        """The broker. Raises ToolError where there is none."""
        if self.asked is None:
            raise ToolError(
                "This needs a broker, and `tally mcp` was started without one: start it with "
                "--broker-base-url URL, or set PACT_BROKER_BASE_URL."
            )
        return self.asked
