"""Look once a second whether another process has changed what somebody may do, and store who was seen."""

from typing import ClassVar

from broker.background.background import Background
from broker.services.accounts.known import KnownAccounts


class AccessWatch(Background):
    """Makes a server process forget what it knows of accounts, when something has changed."""

    name: ClassVar[str] = "access"
    trouble: ClassVar[str] = "Changes of accounts cannot be read at the moment"
    waiting: ClassVar[str] = "changes of accounts are not seen"

    def __init__(self, known: KnownAccounts) -> None:
        super().__init__(known.retrying)
        self._known = known

    def turn(self) -> bool:
        """Look once. While the database cannot be read, forget everything: then who asks is looked up."""
        try:
            self._known.look()
        except Exception as error:  # noqa: BLE001 - whatever it is, the next look is a second later
            self._known.forget()
            self._report(error)
        try:
            self._known.store_uses()
        except Exception as error:  # noqa: BLE001 - ditto
            self._report(error)
        return False
