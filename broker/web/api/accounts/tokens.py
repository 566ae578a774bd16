"""Tokens: one's own, and those of service accounts."""

from collections.abc import Sequence

from flask import Response

from broker.domain.accounts.account import StoredToken
from broker.domain.accounts.permissions import Action
from broker.services.accounts import tokens
from broker.web.api.accounts import bodies
from broker.web.api.accounts.accounts import shown_once
from broker.web.context import links, now, reading_as_asker, transaction
from broker.web.description.needs import Needs
from broker.web.hal import Hal, Links, collection, resource, timestamp
from broker.web.resource import ApiResource
from broker.web.responses import created

api = ApiResource("tokens", __name__)
api.relation(
    "tally:tokens",
    "Your own tokens. POST makes one: {name, expiresInDays, scopes, pacticipants, environments}. It lives 90 "
    "days unless it says otherwise, at most 365, and no longer than the token with which it is made. The "
    "scope `read` is always there. The answer shows the token, this once.",
    "tokens",
    title="Your tokens",
    with_accounts=True,
)
api.relation("tally:token", "A token: its name, how it begins, and its limits. DELETE revokes it.", "token")
api.relation(
    "tally:account-tokens",
    "The tokens of an account. POST makes one for a service account, as for your own.",
    "account-tokens",
)
_OWN = Needs(Action.OWN_ACCOUNT)


@api.get("tokens", answers="Tokens", refuses=(403,), needs=_OWN)
def index() -> Hal:
    """List your valid tokens."""
    with reading_as_asker() as storage:
        found = tokens.own(storage, now())
    make = links()
    return _listed(found, make.to("tokens", "Your tokens"), make)


@api.post("tokens", answers="NewToken", statuses=(201,), takes="TokenWish", refuses=(403, 422), needs=_OWN)
def create() -> Response:
    """Make a personal token, which is shown this once."""
    wish = bodies.new_token()
    with transaction() as storage:
        made, text = tokens.create_own(storage, wish, now())
    return _shown(made, text, links())


@api.get("account-tokens", answers="Tokens", refuses=(403, 404), needs=_OWN)
def of_account(account: str) -> Hal:
    """List the valid tokens of an account."""
    with reading_as_asker() as storage:
        found = tokens.of_account(storage, account, now())
    make = links()
    return _listed(found, make.to("account-tokens", "Tokens", account, account=account), make)


@api.post(
    "account-tokens",
    answers="NewToken",
    statuses=(201,),
    takes="TokenWish",
    refuses=(403, 404, 422),
    needs=_OWN,
)
def create_for_account(account: str) -> Response:
    """Make a token for a service account, which is shown this once."""
    wish = bodies.new_token()
    with transaction() as storage:
        made, text = tokens.create(storage, account, wish, now())
    return _shown(made, text, links())


@api.get("token", answers="Token", refuses=(403, 404), needs=_OWN)
def show(uuid: str) -> Hal:
    """Show a token, but for the token itself."""
    with reading_as_asker() as storage:
        found = tokens.find(storage, uuid)
    return represent(found, links())


@api.delete("token", refuses=(404,), needs=_OWN)
def revoke(uuid: str) -> tuple[str, int]:
    """Revoke a token: within seconds it works nowhere."""
    with transaction() as storage:
        tokens.revoke(storage, uuid, now())
    return "", 204


def represent(token: StoredToken, links: Links) -> Hal:
    """Return the HAL document of a token; of the token itself, it has the first characters."""
    limits = token.limits
    return resource(
        {
            "uuid": token.uuid,
            "account": token.account,
            "kind": token.kind,
            "name": token.name,
            "prefix": token.prefix,
            "scopes": None if limits.scopes is None else sorted(limits.scopes),
            "pacticipants": None if limits.pacticipants is None else sorted(limits.pacticipants),
            "environments": None if limits.environments is None else sorted(limits.environments),
            "origin": token.origin,
            "createdAt": timestamp(token.created_at),
            "expiresAt": timestamp(token.expires_at),
            "lastUsedOn": token.last_used_on.isoformat() if token.last_used_on else None,
            "revokedAt": timestamp(token.revoked_at) if token.revoked_at else None,
        },
        links={
            "self": links.to("token", "Token", token.name, uuid=token.uuid),
            "tally:account": links.to("account", "Account", token.account, account=token.account),
        },
    )


def _listed(found: Sequence[StoredToken], itself: Hal, links: Links) -> Hal:
    items = [represent(token, links) for token in found]
    return collection("tokens", items, links={"self": itself})


def _shown(made: StoredToken, text: str, links: Links) -> Response:
    document = {"token": text, **represent(made, links)}
    return shown_once(created(document, links.href("token", uuid=made.uuid)))
