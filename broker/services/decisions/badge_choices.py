"""What the page of the badges offers: applications that were chosen, and the environments."""

from collections.abc import Sequence

from broker.domain.model import Pacticipant
from broker.storage.storage import Storage
from tally.values import dataclass


@dataclass(frozen=True)
class BadgeChoices:
    """The applications that were chosen, those names that are *unknown*, and all environments."""

    applications: Sequence[Pacticipant]
    unknown: Sequence[str]
    environments: Sequence[str]


def find(storage: Storage, consumer: str, provider: str) -> BadgeChoices:
    """Return what there are badges of."""
    names = list(dict.fromkeys(name for name in (consumer, provider) if name))
    known = storage.pacticipants.find_many(names) if names else {}
    return BadgeChoices(
        [known[name] for name in names if name in known],
        [name for name in names if name not in known],
        [environment.name for environment in storage.environments.all()],
    )
