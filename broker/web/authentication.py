"""Authentication: basic, with the settings of the Pact Broker (reference §1.9), and API tokens."""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime

from flask import Response, request
from werkzeug.datastructures import Authorization
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests, Unauthorized

from broker.domain.access import Access, pair_digest
from broker.domain.accounts.actor import EVERYTHING, Actor, ActorKind, Grant
from broker.domain.accounts.asking import RefusedAction
from broker.domain.accounts.denial import denial
from broker.domain.accounts.log_in_tries import counted_address
from broker.domain.accounts.permissions import SETTINGS, Action, Role
from broker.domain.accounts.session import session_digest
from broker.domain.errors import ForbiddenError, PermissionDeniedError
from broker.services.accounts.known import KnownAccounts
from broker.services.accounts.known_passwords import KnownPasswords, TooManyTriesError
from broker.services.accounts.passwords import TooManyHashesError
from broker.services.accounts.sessions import Client
from broker.settings.settings import Settings
from broker.storage.failures import failure_of
from broker.web import credentials, import_requests, permitted, problems, rehearsals, session_cookie
from broker.web.client_address import client_address
from broker.web.context import (
    actor_or_refusal,
    audit_log,
    check_accounts_are_known,
    needs,
    note_unknown_accounts,
    refusals,
)
from broker.web.credentials_of_settings import CredentialsOfSettings
from broker.web.description.access import access_needed
from broker.web.description.needs import ASKS_WHO, PROBES, PUBLIC, READS
from broker.web.description.operation import ApiOperation
from broker.web.failed_logins import FailedLogins
from broker.web.log_in_address import log_in_address
from broker.web.paths import wants_page

logger = logging.getLogger("broker")
LONGEST_TOKEN = 300
"""Characters of a token that is looked up: every real one is shorter."""
_READING = {"GET", "HEAD", "OPTIONS"}
_OF_ACCOUNTS = {Action.ACCOUNTS, Action.MANAGE_TEAM, Action.OWN_ACCOUNT}
_OF_LOG_IN = "static"
"""The style and the script of the pages, which that of the log-in needs too."""
_AUDIT_PAGE = "forms.audit"
"""It says itself that there are no entries: a setting keeps the log also without accounts."""
_TELL_OF_BROKER = {"forms.settings", "metrics.show"}
"""They need no database: while it is away, only this keeps them from whoever asks."""
_NO_ACCOUNTS = (
    "This broker has no accounts yet. Create the first one on its machine: tally users create --admin NAME"
)
_BY_PASSWORD = {"password", "settings user"}
"""Not by a token as a password: any name may be before it, so it excuses no wrong password of that name."""
_ANYBODY = Actor("anybody", ActorKind.NOBODY, "", grants=EVERYTHING)
"""Who asks a broker that has neither credentials nor accounts."""

_MISSING = "Credentials are missing: send a token (Authorization: Bearer), or a user name and a password"
_UNREADABLE = "The header Authorization cannot be read: it must be 'Bearer TOKEN', or 'Basic' and Base64"
_TWICE = "The header Authorization was given twice: send one"
_WRONG = {"token": "This broker has no such token", "user": "The user name or the password is wrong"}
_WRONG_WITH_ACCOUNTS = {
    **_WRONG,
    "token": "This broker has no such token, or it has expired or was revoked",
}
_ONLY_READS = "This {} may only read"  # 401 and not 403: so do Pact Brokers, and their clients expect it


class Guard:
    """Find out who asks, and let requests pass that the settings and the accounts allow."""

    def __init__(  # noqa: PLR0913 - what it looks at, and two clocks
        self,
        settings: Settings,
        operations: Mapping[str, ApiOperation],
        known: KnownAccounts,
        *,
        passwords: KnownPasswords | None = None,
        clock: Callable[[], datetime],
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._operations = operations
        self._known = known
        self._passwords = passwords
        self._clock = clock
        self._credentials = CredentialsOfSettings(settings)
        self._has_credentials = settings.has_credentials
        self._is_proxy_unknown = not settings.trusted_proxies
        self._failed_logins = FailedLogins(settings.failed_logins_per_minute, timer=timer)

    def check(self) -> Response | None:
        """Return None when the credentials allow the request; otherwise 401, or 429 after many failures.

        Raises ForbiddenError for who is known and may not do this.
        """
        # Who probes is not looked at: even to know whether there are accounts may need the database.
        return None if needs() is PROBES else self._checked()

    def _checked(self) -> Response | None:
        needed, operation = needs(), self._operations.get(request.endpoint or "")
        is_asked = needed is not ASKS_WHO and request.method != "OPTIONS" and request.endpoint != _AUDIT_PAGE
        is_of_accounts = is_asked and needed.action in _OF_ACCOUNTS
        is_page = operation is None and needed is not PUBLIC and request.method in _READING
        if is_page or request.method == "OPTIONS":
            needed = READS  # a form says itself what is lacking
        has_accounts = self._has_accounts()
        if not has_accounts and not self._has_credentials:
            self._require_accounts(lacking=is_of_accounts)
            if request.endpoint in _TELL_OF_BROKER:
                check_accounts_are_known()
            return None
        is_open = needed is PUBLIC or (has_accounts and request.blueprint == _OF_LOG_IN)
        if is_open or access_needed(self._settings, operation, request.method) == Access.NONE:
            return None
        asker = actor_or_refusal()
        if isinstance(asker, Response):
            return asker
        self._require_accounts(lacking=is_of_accounts and not has_accounts)
        # Who may only read is told so also where nothing could be changed, as ever.
        is_lost = needed is ASKS_WHO and request.method not in _READING and _only_reads_ever(asker)
        if is_lost or not permitted.may_try(asker, needed.action):
            return self._refused(asker, needed.action)
        if has_accounts and _copies() and not permitted.may_try(asker, Action.ADMINISTER):
            return self._refused(asker, Action.ADMINISTER, "copies from another broker")
        return None

    def _refused(self, asker: Actor, action: Action, what: str = "") -> Response | None:
        """Refuse what somebody may not do, unless that is only reported. Raises PermissionDeniedError."""
        if _only_reads_ever(asker):
            return only_reads()
        if refusals().note(asker, RefusedAction(action, what)):
            raise PermissionDeniedError(denial(asker, action, what))
        return None

    def _has_accounts(self) -> bool:
        """Return whether the rules of accounts hold.

        While the database is away, and nobody knows, what needs no database is answered as without accounts.
        What needs it is refused (`broker/web/context.py`).
        """
        try:
            return self._known.any()
        except Exception as error:
            if failure_of(error) is None:
                raise
            note_unknown_accounts()
            return False

    def _require_accounts(self, *, lacking: bool) -> None:
        """Raise ForbiddenError without accounts, and what the database does while nobody knows."""
        if lacking:
            raise permitted.AccountsFoundError if self._known.any() else ForbiddenError(_NO_ACCOUNTS)

    def identify(self) -> Actor | Response:
        """Return who asks, also where the request itself is open to everybody.

        Without credentials, and with wrong ones, it is an answer that asks for them. Wrong passwords count as
        they do elsewhere: the answer may tell whether one is right.
        """
        has_accounts = self._has_accounts()
        if not has_accounts and not self._has_credentials:
            return _ANYBODY
        given = credentials.given()
        if has_accounts and given is not None and credentials.is_given_twice(given):
            return _refusal(_TWICE)
        if given is not None:
            return self._judged_in_time(given, has_accounts=has_accounts)
        found = self._of_session() if has_accounts else None
        if found is not None:
            return found
        if has_accounts and "Authorization" not in request.headers:
            return _to_log_in() if wants_page(request.environ) else _without_session()
        return _without_credentials()

    def has_credentials_of_settings(self) -> bool:
        """Return whether these are credentials of the settings, without asking the database."""
        given = credentials.given()
        if given is None:
            return False
        if given.type == "bearer":
            return self._credentials.token(given.token or "") is not None
        name = credentials.counted_name(given, has_accounts=False)
        key = (counted_address(client_address(self._settings)), name)
        if given.type != "basic" or self._failed_logins.seconds_to_wait(key):
            return False
        is_known = self._credentials.access_of_user(given) is not Access.NONE
        if not is_known:
            self._failed_logins.failed(key)
        return is_known

    def _of_session(self) -> Actor | None:
        """Return who is logged in to the pages."""
        text = session_cookie.given()
        found = None if text is None else self._known.of_session(session_digest(text), self._clock())
        if found is None:
            return None
        session_cookie.set_current(found[0])
        return found[1]

    def _judged_in_time(self, given: Authorization, *, has_accounts: bool) -> Actor | Response:
        """Return whose the credentials are; 503 when too many passwords are being looked at."""
        try:
            return self._judged(given, has_accounts=has_accounts)
        except TooManyHashesError:
            return _busy()
        except TooManyTriesError as error:
            return _too_many(error.seconds)

    def _judged(self, given: Authorization, *, has_accounts: bool) -> Actor | Response:
        """Return whose the credentials are; 401 or 429 if nobody's."""
        key = (
            counted_address(client_address(self._settings)),
            credentials.counted_name(given, has_accounts=has_accounts),
        )
        if given.type == "bearer":  # nobody can guess a token, so failed tokens never lock out a user
            found = self._of_token(given.token or "", has_accounts=has_accounts)
        elif given.type != "basic":
            return _refusal(_UNREADABLE)
        elif seconds := self._failed_logins.seconds_to_wait(key):
            return _too_many(seconds)
        else:
            found = self._of_user(given, has_accounts=has_accounts)
        if found is None:
            self._failed_logins.failed(key)
            audit_log().failed(
                "log-in", Actor(credentials.claimed(given), ActorKind.NOBODY, credentials.kind(given))
            )
            self._warn_of_proxy()
            seconds = self._failed_logins.seconds_to_wait(key)
            wrong = _WRONG_WITH_ACCOUNTS if has_accounts else _WRONG
            return _too_many(seconds) if seconds else _refusal(wrong[credentials.kind(given)])
        if not has_accounts or found.via in _BY_PASSWORD:
            self._failed_logins.succeeded(key)
        return found

    def _warn_of_proxy(self) -> None:
        """Say once that all who come through a proxy count as one address."""
        if self._is_proxy_unknown and "X-Forwarded-For" in request.headers:
            self._is_proxy_unknown = False
            logger.warning(
                "Failed log-ins of all clients behind %s count together. If that is a proxy of yours, set "
                "TALLY_TRUSTED_PROXIES to the number of proxies.",
                request.remote_addr,
            )

    def _of_user(self, given: Authorization, *, has_accounts: bool) -> Actor | None:
        """Return whose name and password these are. Clients that know only those may send a token as one."""
        access = self._credentials.access_of_user(given)
        if access is not Access.NONE:
            return _of_settings("user", given.username or "", access, has_accounts=has_accounts)
        if not has_accounts:
            return None
        name, password = given.username or "", given.password or ""
        found = self._known_token(password) or self._known_pair(name, password)
        if found is None and self._passwords is not None:
            return self._passwords.actor(name, password, Client(client_address(self._settings), ""))
        return found

    def _of_token(self, given: str, *, has_accounts: bool) -> Actor | None:
        token = self._credentials.token(given)
        if token is not None:
            return _of_settings("token", token.name, token.access, has_accounts=has_accounts)
        return self._known_token(given) if has_accounts else None

    def _known_pair(self, name: str, password: str) -> Actor | None:
        if len(name) + len(password) > LONGEST_TOKEN or "\0" in name:
            return None
        return self._known.of_digest(pair_digest(name, password), self._clock())

    def _known_token(self, given: str) -> Actor | None:
        if len(given) > LONGEST_TOKEN or "\0" in given:  # which only a pair has
            return None
        return self._known.of_token(given, self._clock())


def _only_reads_ever(asker: Actor) -> bool:
    """Return whether these are credentials of the settings that are for reading."""
    return asker.kind is ActorKind.SETTINGS and not asker.may_somewhere(Action.PUBLISH)


def _copies() -> bool:
    """Return whether the request copies data from another broker, or rehearses that."""
    headers = (import_requests.HEADER, rehearsals.HEADER)
    return request.method not in _READING and any(name in request.headers for name in headers)


def _of_settings(kind: str, name: str, access: Access, *, has_accounts: bool) -> Actor:
    """Return who asks with credentials of the settings. They are kept, but change no accounts."""
    grants = EVERYTHING if access is Access.WRITE else frozenset({Grant(Role.READER)})
    scopes = SETTINGS if has_accounts else None
    return Actor(f"settings:{name}", ActorKind.SETTINGS, f"settings {kind}", grants=grants, scopes=scopes)


def only_reads() -> Response:
    """Ask for other credentials than those of the request, which may only read."""
    given = credentials.given()
    return _refusal(_ONLY_READS.format("user" if given is None else credentials.kind(given)))


def _to_log_in() -> Response:
    response = Response(status=303, headers={"Location": log_in_address()})
    session_cookie.take_away(response)
    return response


def _without_session() -> Response:
    """Ask for credentials; a script of a page without a challenge, for which a browser opens a window."""
    response = _without_credentials()
    if "Sec-Fetch-Mode" in request.headers:
        del response.headers["WWW-Authenticate"]
    return response


def asks_for_credentials() -> Response:
    """Let a browser ask for a user name and a password."""
    return _without_credentials()


def _without_credentials() -> Response:
    return _refusal(_UNREADABLE if "Authorization" in request.headers else _MISSING)


def _refusal(reason: str) -> Response:
    response = problems.failed(Unauthorized(reason))
    response.headers["WWW-Authenticate"] = 'Basic realm="Restricted area"'
    return response


def _too_many(seconds: int) -> Response:
    response = problems.failed(TooManyRequests(f"Too many failed log-ins. Try again in {seconds} s."))
    response.headers["Retry-After"] = str(seconds)
    return response


def _busy() -> Response:
    response = problems.failed(
        ServiceUnavailable("Other passwords are being checked. Try again in a moment.")
    )
    response.headers["Retry-After"] = "1"
    return response
