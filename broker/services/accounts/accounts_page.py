"""What the pages of accounts show: the list, searched and in pages."""

from collections.abc import Sequence

from broker.domain.accounts.account import Account
from broker.domain.accounts.actor import ActorKind
from broker.domain.accounts.permissions import Role
from broker.domain.pagination import Page, PartOfList
from broker.services.accounts import accounts
from broker.services.accounts.accounts import FoundAccount
from broker.storage.storage import Storage
from tally.values import dataclass

ACTIVE, DISABLED = "active", "disabled"


@dataclass(frozen=True)
class AccountFilter:
    """Which accounts: a part of a name, a kind, a state; "" is any."""

    search: str = ""
    kind: str = ""
    state: str = ""

    def fits(self, account: Account) -> bool:
        """Return whether it is one of those. Case does not count."""
        texts = (account.name, account.display_name)
        return (
            any(self.search.casefold() in text.casefold() for text in texts)
            and self.kind in {"", account.kind.value}
            and self.state in {"", DISABLED if account.is_disabled else ACTIVE}
        )


@dataclass(frozen=True)
class ListedAccount:
    """A row of the list: the roles everywhere, and the teams in which it has any."""

    account: Account
    everywhere: Sequence[Role]
    teams: Sequence[str]


@dataclass(frozen=True)
class AccountList:
    """A page of the accounts that fit, and counts of all."""

    part: PartOfList[ListedAccount]
    people: int
    services: int
    administrators: int


def accounts_of(storage: Storage, which: AccountFilter, page: Page | None) -> AccountList:
    """Return the accounts that fit: two statements."""
    everyone = accounts.everyone(storage)
    people = [each for each in everyone if each.account.kind is ActorKind.PERSON]
    fitting = [each for each in everyone if which.fits(each.account)]
    shown = fitting if page is None else fitting[page.offset : page.offset + page.size]
    return AccountList(
        PartOfList([_listed(each) for each in shown], len(fitting), page),
        len(people),
        len(everyone) - len(people),
        sum(_administers(each) for each in people),
    )


def _listed(found: FoundAccount) -> ListedAccount:
    teams = dict.fromkeys(role.team for role in found.roles if role.team is not None)
    return ListedAccount(found.account, [role.role for role in found.roles if role.team is None], list(teams))


def _administers(found: FoundAccount) -> bool:
    return not found.account.is_disabled and any(
        role.role is Role.ADMINISTRATOR and role.team is None for role in found.roles
    )
