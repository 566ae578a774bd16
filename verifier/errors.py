"""Errors between the verifier and the provider.

TallyError
└── ProviderError              a request could not be sent, or got no response
    ├── UnreachableError       no connection: nothing was checked
    ├── ProviderTimeoutError   no response in time
    ├── NoAnswerError          the connection broke, or the response is not HTTP
    ├── StateChangeError       a provider state could not be set up or torn down
    │   └── StateRefusedError  the provider responded that it cannot
    ├── MessageError           the provider did not return the message
    └── RequestFilterError     the user's request filter failed: nothing was checked
"""

from tally.errors import TallyError


class ProviderError(TallyError):
    """A request could not be sent, or got no response."""


class UnreachableError(ProviderError):
    """No connection could be made: nothing was checked."""


class ProviderTimeoutError(ProviderError):
    """The provider did not respond in time."""


class NoAnswerError(ProviderError):
    """The connection broke before a response, or the response is not HTTP."""


class StateChangeError(ProviderError):
    """A provider state could not be set up or torn down."""


class StateRefusedError(StateChangeError):
    """The provider answered that it cannot bring itself into a state."""


class MessageError(ProviderError):
    """The provider did not return the message."""


class RequestFilterError(ProviderError):
    """The request filter of the user failed: nothing was checked."""
