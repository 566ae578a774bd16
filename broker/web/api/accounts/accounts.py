"""Accounts: people, and what administrators do with them."""

from collections.abc import Sequence
from dataclasses import replace

from flask import Response, jsonify
from werkzeug.exceptions import ServiceUnavailable

from broker.domain.accounts.account import NewAccount
from broker.domain.accounts.actor import Actor, ActorKind
from broker.domain.accounts.permissions import Action
from broker.services.accounts import accounts, passwords, roles
from broker.services.accounts.accounts import FoundAccount
from broker.web.api.accounts import bodies
from broker.web.content_types import JSON, MERGE_PATCH
from broker.web.context import actor, links, now, reading, transaction
from broker.web.description.needs import Needs
from broker.web.hal import Hal, Links, collection, resource, timestamp, timestamps
from broker.web.resource import ApiResource
from broker.web.responses import created

api = ApiResource("accounts", __name__)
api.relation(
    "tally:accounts",
    "The accounts of people and of services. POST adds a person: {name, displayName, email, password, "
    "roles}; without roles they read. Service accounts are added to their team.",
    "accounts",
    title="Accounts",
    with_accounts=True,
)
api.relation(
    "tally:account",
    "An account. PATCH changes it: {displayName, email, disabled, password}. DELETE removes it, with its "
    "tokens.",
    "account",
    title="An account",
    with_accounts=True,
)
api.relation(
    "tally:account-roles",
    'The roles of an account. PUT replaces them all: {"roles": [{"role": "publisher", "team": "payments"}]}; '
    "a role without a team is one everywhere.",
    "account-roles",
)
api.relation(
    "tally:account-log-in-link",
    "POST makes a link by which a person logs in once, within 15 minutes. It is shown this once.",
    "account-log-in-link",
)
_OWN = Needs(Action.OWN_ACCOUNT)
_BUSY = "Passwords of others are being stored. Try again in a moment"


@api.get("accounts", answers="Accounts", refuses=(403,), needs=_OWN)
def index() -> Hal:
    """List the accounts."""
    with reading() as storage:
        found = accounts.everyone(storage)
    make = links()
    items = [represent(each, actor(), make) for each in found]
    return collection("accounts", items, links={"self": make.to("accounts", "Accounts")})


@api.post(
    "accounts",
    answers="Account",
    statuses=(201,),
    takes="NewAccount",
    refuses=(403, 422),
    needs=Needs(Action.ACCOUNTS),
)
def create() -> Response:
    """Add the account of a person."""
    given = bodies.new_person()
    hashed = _hashed(given.password, given.name)
    new = NewAccount(given.name, ActorKind.PERSON, given.display_name, given.email or None)
    with transaction() as storage:
        grants = roles.grants_of(storage, given.roles)
        found = accounts.create_person(storage, replace(new, password_hash=hashed), grants, now())
    make = links()
    return created(represent(found, actor(), make), make.href("account", account=found.account.name))


@api.get("account", answers="Account", refuses=(403,), needs=_OWN)
def show(account: str) -> Hal:
    """Show an account."""
    with reading() as storage:
        found = accounts.find(storage, account)
    return represent(found, actor(), links())


@api.patch(
    "account",
    answers="Account",
    takes="AccountChange",
    takes_types=(JSON, MERGE_PATCH),
    refuses=(403, 404, 422),
    needs=_OWN,
)
def change(account: str) -> Hal:
    """Change an account: one's own name and address, or as an administrator anything."""
    wanted, password = bodies.account_change()
    bodies.refuse_a_body_without_changes(*vars(wanted).values(), password)
    wanted = replace(wanted, password_hash=_hashed(password, account))
    with transaction() as storage:
        found = accounts.change(storage, account, wanted, now())
    return represent(found, actor(), links())


@api.delete("account", refuses=(403, 404, 422), needs=Needs(Action.MANAGE_TEAM))
def delete(account: str) -> tuple[str, int]:
    """Remove an account, with its tokens: a service account of a team, or as an administrator any."""
    with transaction() as storage:
        accounts.delete(storage, account, now())
    return "", 204


@api.put(
    "account-roles",
    answers="Account",
    takes="AccountRoles",
    refuses=(403, 404, 422),
    needs=Needs(Action.MANAGE_TEAM),
)
def put_roles(account: str) -> Hal:
    """Replace the roles of an account."""
    wanted = bodies.account_roles()
    with transaction() as storage:
        found = roles.replace(storage, account, wanted, now())
    return represent(found, actor(), links())


@api.post(
    "account-log-in-link",
    answers="LogInLink",
    statuses=(201,),
    refuses=(403, 404, 422),
    needs=Needs(Action.ACCOUNTS),
)
def make_log_in_link(account: str) -> Response:
    """Make a link by which a person logs in once."""
    with transaction() as storage:
        code, expires_at = accounts.make_log_in_link(storage, account, now())
    make = links()
    answer = jsonify(
        resource(
            {
                "link": f"{make.href('log-in-by-link')}?code={code}",
                "code": code,
                "expiresAt": timestamp(expires_at),
            },
            links={"tally:account": make.to("account", "Account", account, account=account)},
        )
    )
    answer.status_code = 201
    return shown_once(answer)


def shown_once(answer: Response) -> Response:
    """Let nobody keep an answer that shows a secret, not even for a repeated request."""
    answer.headers["Cache-Control"] = "no-store"
    return answer


def represent(found: FoundAccount, who: Actor, links: Links) -> Hal:
    """Return the HAL document of an account; only itself and administrators see the address."""
    account = found.account
    sees_all = who.may_everywhere(Action.ACCOUNTS) or account.id == who.account_id
    name = account.name
    to: Hal = {
        "self": links.to("account", "Account", name, account=name),
        "tally:account-roles": links.to("account-roles", "Roles", name, account=name),
        "tally:account-tokens": links.to("account-tokens", "Tokens", name, account=name),
        "tally:accounts": links.to("accounts", "Accounts"),
    }
    if account.is_person:
        to["tally:account-log-in-link"] = links.to("account-log-in-link", "Log-in link", name, account=name)
    if account.team is not None:
        to["tally:team"] = links.to("team", "Team", account.team, team=account.team)
    return resource(
        {
            "uuid": account.uuid,
            "name": name,
            "kind": account.kind,
            "displayName": account.display_name,
            "email": account.email if sees_all else None,
            "team": account.team,
            "disabled": account.is_disabled,
            "lastSeenOn": account.last_seen_on.isoformat() if account.last_seen_on and sees_all else None,
            "roles": role_documents(found),
            **timestamps(account.created_at, account.updated_at),
        },
        links=to,
    )


def role_documents(found: FoundAccount) -> Sequence[Hal]:
    """Return the roles as documents: with the team, and the group that gave them, if there is one."""
    return [
        {
            key: value
            for key, value in (("role", role.role), ("team", role.team), ("fromGroup", role.from_group))
            if value is not None
        }
        for role in found.roles
    ]


def _hashed(password: str | None, account: str) -> str | None:
    """Return the hash of a new password, before there is a transaction. Raises ValidationError."""
    if password is None:
        return None
    if not actor().may_everywhere(Action.ACCOUNTS):
        return ""  # it will be refused, and is worth no hash
    passwords.check(password, account=account)
    try:
        return passwords.hash_of(password)
    except passwords.TooManyHashesError as error:
        raise ServiceUnavailable(_BUSY) from error
