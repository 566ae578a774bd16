"""Every error that the consumer SDK raises on purpose.

TallyError
├── UsageError
│   └── DeclarationError    the test declares something incomplete or impossible
├── UnwritableError         the pact files cannot be written where they belong
├── PublishingError         the pacts of a run are not published
├── ConflictError           one interaction is recorded twice, with different content
└── MismatchError           the consumer's code did not do what the test declares (an AssertionError)
"""

from tally.errors import TallyError, UsageError


class DeclarationError(UsageError):
    """The test declares something incomplete or impossible."""


class UnwritableError(TallyError):
    """The pact files cannot be written where they belong; the text names the place and the reason."""


class PublishingError(TallyError):
    """The pacts of a run are not published; the text says why."""


class ConflictError(TallyError):
    """One interaction is recorded twice, with different content; the text names both places."""


class MismatchError(TallyError, AssertionError):
    """The consumer's code did not do what the test declares; the text shows what it sent."""
