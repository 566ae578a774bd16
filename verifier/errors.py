"""What goes wrong between the verifier and the provider.

TallyError
└── ProviderError              one case could not be asked, or was not answered
    ├── UnreachableError       no connection: nothing was checked
    ├── ProviderTimeoutError   no answer in time
    ├── NoAnswerError          the connection broke, or what came is no HTTP
    ├── StateChangeError       a provider state could not be set up or torn down
    ├── MessageError           the provider did not hand over the message
    └── RequestFilterError     the user's filter did not change the request: nothing was checked
"""

from tally.errors import TallyError


class ProviderError(TallyError):
    """One case could not be asked, or was not answered."""


class UnreachableError(ProviderError):
    """No connection could be made: nothing was checked."""


class ProviderTimeoutError(ProviderError):
    """The provider did not answer in time."""


class NoAnswerError(ProviderError):
    """The connection broke before there was an answer, or what came is not HTTP."""


class StateChangeError(ProviderError):
    """A provider state could not be set up or torn down."""


class MessageError(ProviderError):
    """The provider did not hand over the message."""


class RequestFilterError(ProviderError):
    """The filter of the user did not change the request: nothing was checked."""
