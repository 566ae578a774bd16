"""What is said of pacticipants (Pact Broker reference §4.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from broker.domain.deployment import DeployedVersion
from broker.domain.model import Version


@dataclass(frozen=True)
class Label:
    """A word by which pacticipants are found."""

    name: str
    created_at: datetime


@dataclass(frozen=True)
class PacticipantDetails:
    """What belongs to a pacticipant; *deployed* is None where nobody looked for it."""

    latest: Version | None = None
    labels: tuple[str, ...] = ()
    deployed: Sequence[DeployedVersion] | None = None
