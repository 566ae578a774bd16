"""What somebody must be allowed to do to use a view."""

from broker.domain.accounts.permissions import Action


class Needs:
    """A permission, and the variables of the path that name the pacticipants which it is about.

    What depends on the body, or on what an id stands for, is asked by the service.
    """

    __slots__ = ("action", "pacticipants")

    def __init__(self, action: Action, *pacticipants: str) -> None:
        self.action = action
        self.pacticipants = pacticipants


READS = Needs(Action.READ)
PUBLIC = Needs(Action.READ)
"""Of the log-in: nobody is known yet."""
PROBES = Needs(Action.READ)
"""Of what platforms ask every few seconds, without credentials: who asks is not even looked at."""
ASKS_WHO = Needs(Action.OWN_ACCOUNT)
"""Of what leads nowhere: whoever is known is told so."""
