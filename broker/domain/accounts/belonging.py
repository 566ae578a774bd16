"""To which team a webhook or a secret is to belong, as a document says."""

from tally.values import dataclass


@dataclass(frozen=True)
class Belonging:
    """A team, by its name; without one, all of the broker.

    A document that says neither means: as it is or, if it is new, the only team for which its author may
    store it.
    """

    team: str | None
