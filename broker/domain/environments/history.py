"""Which versions were in an environment, and from when to when."""

from datetime import datetime

from broker.domain.environments.grid import Placement
from tally.values import dataclass


@dataclass(frozen=True)
class Stay:
    """A version in an environment; *until* is None while it is there."""

    placement: Placement
    until: datetime | None
