"""Which versions were in an environment, and from when to when."""

from dataclasses import dataclass
from datetime import datetime

from broker.domain.environments.grid import Placement


@dataclass(frozen=True)
class Stay:
    """A version in an environment; *until* is None while it is there."""

    placement: Placement
    until: datetime | None
