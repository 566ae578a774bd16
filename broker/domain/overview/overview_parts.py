"""What the overview shows beside the standings: what can be chosen, teams of applications, and deliveries."""

from collections.abc import Mapping

from broker.domain.webhooks.delivery import Status
from tally.values import dataclass

NEWEST_DELIVERIES = 10
"""How many deliveries of an integration are looked at when the newest one failed."""


@dataclass(frozen=True)
class Choices:
    """What can be chosen, and whose the applications are that were asked about.

    *environments* has those of production first, *teams* the labels of teams; *teams_of* those of each
    application. *applications* is how many there are.
    """

    environments: tuple[str, ...]
    teams: tuple[str, ...]
    teams_of: Mapping[str, tuple[str, ...]]
    applications: int


@dataclass(frozen=True)
class NewestDelivery:
    """What became of the newest delivery of an integration.

    *failed* is how many of the last NEWEST_DELIVERIES failed; they are not counted when the newest did not.
    """

    status: Status
    failed: int
