"""What somebody with a shell on the broker's machine does to accounts: the first one, and ways back in."""

import secrets
from collections.abc import Sequence
from dataclasses import field
from datetime import datetime, timedelta

from broker.domain.access import Access, Token, pair_digest
from broker.domain.accounts import account_names
from broker.domain.accounts.account import NewAccount, TokenLimits
from broker.domain.accounts.actor import ActorKind, Grant
from broker.domain.accounts.permissions import SCOPES, SETTINGS, Role
from broker.domain.accounts.tokens import CHANCE_BYTES, LONGEST_DAYS, TokenKind, new_token
from broker.domain.errors import StateRuleError
from broker.services.accounts import accounts
from broker.services.accounts.accounts import FoundAccount
from broker.storage.storage import Storage
from tally.values import dataclass

ADOPTED = "adopted"
"""How adopted tokens are listed: how they begin is not known."""
FIRST_TOKEN_DAYS = 7


@dataclass(frozen=True)
class Credential:
    """A user or a token of the settings, known by a hash alone."""

    name: str
    access: Access
    digest: bytes = field(repr=False)
    setting: str


@dataclass(frozen=True)
class Adopted:
    """What became of a credential of the settings; *account* is None when it was adopted before."""

    credential: Credential
    account: str | None


def create_administrator(
    storage: Storage, new: NewAccount, now: datetime, *, is_another: bool
) -> FoundAccount:
    """Add an administrator who is a person. Raises ValidationError for a name that nobody can have.

    Raises StateRuleError when there are accounts already, unless *is_another*.
    """
    if storage.access.any_accounts() and not is_another:
        reason = (
            "are there already: an administrator can add others by the API. To add one here all the same, "
            "give --another; to get in again, use: tally users reset NAME --admin"
        )
        raise StateRuleError({"accounts": [reason]})
    return accounts.create(storage, new, [Grant(Role.ADMINISTRATOR)], now)


def reset(
    storage: Storage, name: str, password_hash: str | None, now: datetime, *, is_administrator: bool
) -> tuple[FoundAccount, str | None]:
    """Enable an account again, and end its sessions; give it a new password, and the role, if so asked.

    Without a password it gets none, and the code of a link to log in once is returned. Raises NotFoundError,
    and StateRuleError for a service account.
    """
    found = accounts.find(storage, name)
    account = found.account
    if not account.is_person:
        raise StateRuleError({"account": ["is a service account, which does not log in"]})
    if account.is_disabled:
        storage.accounts.enable(account.id, now)
    storage.accounts.set_password(account.id, password_hash, now)
    storage.accounts.end_sessions(account.id)
    if is_administrator and Grant(Role.ADMINISTRATOR) not in found.grants:
        storage.account_roles.change(account.id, added=[Grant(Role.ADMINISTRATOR)], removed=(), now=now)
    storage.asking.access_changed_at = now
    changed = accounts.find(storage, name)
    code = accounts.make_log_in_link(storage, name, now)[0] if password_hash is None else None
    done = "a password was set" if code is None else "a link was made, the password was removed"
    storage.note(
        "account",
        account.name,
        before=accounts.summary(found),
        after={**accounts.summary(changed), "reset": f"{done}, sessions were ended"},
    )
    return changed, code


def make_token(storage: Storage, found: FoundAccount, now: datetime) -> str:
    """Return a new personal token of the account, which lives 7 days: for the first steps of a script."""
    made = new_token(TokenKind.PERSONAL, secrets.token_bytes(CHANCE_BYTES))
    storage.tokens.add(
        found.account.id,
        TokenKind.PERSONAL,
        "made on the broker's machine",
        prefix=made.prefix,
        digest=made.digest,
        limits=TokenLimits(),
        expires_at=now + timedelta(days=FIRST_TOKEN_DAYS),
        now=now,
    )
    return made.text


def credentials(users: Sequence[tuple[str, str, Access]], tokens: Sequence[Token]) -> list[Credential]:
    """Return the users and the tokens of the settings, by what `tally tokens adopt` keeps of them."""
    of_users = [
        Credential(name, access, pair_digest(name, password), _setting_of(access))
        for name, password, access in users
    ]
    return of_users + [Credential(each.name, each.access, each.digest, "TALLY_API_TOKENS") for each in tokens]


def adopt(storage: Storage, credential: Credential, now: datetime) -> Adopted:
    """Make a service account that the same token, or the same name and password, belongs to.

    It may do what the credential might: read, or change all but accounts. Its token expires after a year.
    """
    if storage.tokens.is_taken(credential.digest):
        return Adopted(credential, None)
    name = account_names.free_name(account_names.suggested_name(credential.name), storage.accounts.has_key)
    writes = credential.access is Access.WRITE
    role = Role.ADMINISTRATOR if writes else Role.READER
    new = NewAccount(name, ActorKind.SERVICE, f"{credential.name}, from {credential.setting}")
    found = accounts.create(storage, new, [Grant(role)], now)
    storage.tokens.add(
        found.account.id,
        TokenKind.SERVICE,
        f"from {credential.setting}",
        prefix=ADOPTED,
        digest=credential.digest,
        limits=TokenLimits(SETTINGS & SCOPES if writes else None),
        expires_at=now + timedelta(days=LONGEST_DAYS),
        now=now,
    )
    return Adopted(credential, name)


def _setting_of(access: Access) -> str:
    return "TALLY_BASIC_AUTH_USERNAME" if access is Access.WRITE else "TALLY_BASIC_AUTH_READ_ONLY_USERNAME"
