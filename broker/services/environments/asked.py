"""Which applications a page of environments is to show."""

from datetime import datetime

from broker.services.network.teams import Teams, members
from broker.storage.environments.placements import Wanted
from tally.values import dataclass


@dataclass(frozen=True)
class Asked:
    """Which applications are wanted: with *search* in their name, of a team, at a moment or now."""

    search: str = ""
    team: str = ""
    at: datetime | None = None
    by_name: bool = False


def wanted(asked: Asked, teams: Teams) -> Wanted:
    """Return what the storage is asked for. Raises NotFoundError for an unknown team."""
    among = members(teams, asked.team) if asked.team else None
    return Wanted(asked.search, among, asked.at, asked.by_name)
