"""Which versions are where, and which of them cannot go on to the next environment, or have not yet."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from broker.domain.model import Environment
from tally.values import dataclass


@dataclass(frozen=True)
class Placement:
    """A version in an environment: deployed (to an instance, perhaps), or released and supported."""

    pacticipant_id: int
    pacticipant: str
    environment_id: int
    version_id: int
    version: str
    position: int
    since: datetime
    released: bool = False
    instance: str = ""


@dataclass(frozen=True)
class Clash:
    """What keeps a version from the next environment: another application there.

    *failed* says that a result is a failure; otherwise one is missing.
    """

    other: str
    failed: bool


@dataclass(frozen=True)
class PlacedVersion:
    """A version in a cell. *next* is where it would go, if it is not there; *clashes* are why it cannot."""

    placement: Placement
    next: Environment | None = None
    clashes: tuple[Clash, ...] = ()

    @property
    def cannot_go_on(self) -> bool:
        """Whether something keeps it here."""
        return bool(self.clashes)

    @property
    def has_failed(self) -> bool:
        """Whether a result that is a failure keeps it here."""
        return any(clash.failed for clash in self.clashes)

    def waits_since(self) -> datetime | None:
        """Return since when it has been here and not in the next environment; None if it does not wait."""
        return self.placement.since if self.next else None

    def lags(self, now: datetime, days: int) -> bool:
        """Whether it has waited for longer than so many days."""
        since = self.waits_since()
        return since is not None and now - since > timedelta(days=days)


@dataclass(frozen=True)
class GridRow:
    """An application with its versions by the id of the environment."""

    pacticipant: str
    cells: Mapping[int, Sequence[PlacedVersion]]


def in_order(environments: Sequence[Environment]) -> list[Environment]:
    """Return the environments as versions go through them: as they were created, production last."""
    return sorted(environments, key=lambda each: (each.production, each.created_at, each.id))


def next_of(environments: Sequence[Environment]) -> dict[int, Environment]:
    """Return the environment after each, by its id; *environments* are in order."""
    return {here.id: after for here, after in pairwise(environments)}


def waiting(placement: Placement, placements: Sequence[Placement], after: Environment | None) -> bool:
    """Whether neither this version of the application nor a later one is in the next environment.

    *placements* has all of the application.
    """
    return after is not None and not any(
        other.environment_id == after.id and other.position >= placement.position for other in placements
    )
