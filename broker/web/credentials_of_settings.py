"""The users and tokens of the settings."""

from werkzeug.datastructures import Authorization

from broker.domain.access import Access, Token, digest
from broker.settings.settings import Settings
from broker.web import credentials


class CredentialsOfSettings:
    """Find out which user or token of the settings somebody has."""

    def __init__(self, settings: Settings) -> None:
        self._tokens = {token.digest: token for token in settings.tokens}
        self._users = settings.users

    def token(self, text: str) -> Token | None:
        """Return the token with this text, None when the settings have no such token."""
        # Who does not know a token cannot choose its hash: how long it takes to find it tells nothing.
        return self._tokens.get(digest(text))

    def access_of_user(self, given: Authorization) -> Access:
        """Return what a user may do; NONE when the settings have none with this name and password."""
        # Compare all, in constant time, so that the duration tells nothing about names and passwords.
        matches = [
            access
            if credentials.equal(given.username, name) & credentials.equal(given.password, password)
            else Access.NONE
            for name, password, access in self._users
        ]
        return max(matches, default=Access.NONE)
