"""Every error that Tallystick raises on purpose.

TallyError
├── InvalidContractError        a document is not the contract that it claims to be
├── UsageError                  the user asked for something contradictory or impossible
└── BrokerError                 something went wrong between us and a broker
    ├── BrokerUnreachableError  no answer at all
    └── BrokerRefusedError      an answer that says no
        ├── UnauthorisedError      401 or 403
        └── ResourceNotFoundError  404
"""

from collections.abc import Sequence


class TallyError(Exception):
    """Base class: its text is written for the user and says what to do."""


class InvalidContractError(TallyError):
    """A document is not the contract that it claims to be; the text names the place in it."""


class UsageError(TallyError):
    """What the user asked for is contradictory or impossible."""


class BrokerError(TallyError):
    """Something went wrong between us and a broker."""


class BrokerUnreachableError(BrokerError):
    """The broker gave no answer: wrong address, not running, TLS, or a time-out."""


class BrokerRefusedError(BrokerError):
    """The broker answered and refused."""

    def __init__(self, message: str, *, status: int, notices: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.notices = tuple(notices)


class UnauthorisedError(BrokerRefusedError):
    """The broker requires credentials, or different ones (401, 403)."""


class ResourceNotFoundError(BrokerRefusedError):
    """The broker does not have what was asked for (404)."""
