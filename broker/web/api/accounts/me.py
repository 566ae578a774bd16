"""Who asks, and what they may do."""

from broker.domain.accounts.permissions import Action
from broker.services.accounts import me
from broker.services.accounts.me import Asker
from broker.web.context import actor, links, reading
from broker.web.description.needs import Needs
from broker.web.hal import Hal, Links, resource
from broker.web.resource import ApiResource

api = ApiResource("me", __name__)
api.relation(
    "tally:me",
    "Who asks: the account, its roles, the limits of the token, and what follows: for each permission `all`, "
    "or the teams for which it holds. A permission that is not there is not given.",
    "me",
    title="Who you are, and what you may do",
    with_accounts=True,
)


@api.get("me", answers="Me", refuses=(403,), needs=Needs(Action.OWN_ACCOUNT))
def show() -> Hal:
    """Show who asks, and what they may do."""
    with reading() as storage:
        found = me.describe(storage, actor())
    return represent(found, links())


def represent(found: Asker, links: Links) -> Hal:
    """Return the HAL document."""
    who, account = found.actor, found.account
    own: Hal = {}
    if account is not None:
        own["tally:account"] = links.to("account", "Account", account.name, account=account.name)
        own["tally:tokens"] = links.to("tokens", "Your tokens")
    return resource(
        {
            "name": who.name,
            "kind": who.kind,
            "uuid": who.uuid or None,
            "displayName": account.display_name if account else who.name,
            "via": who.via or None,
            "team": account.team if account else None,
            "teams": [{"name": name, "roles": roles} for name, roles in found.teams.items()],
            "roles": found.everywhere,
            "scopes": None if who.scopes is None else sorted(who.scopes),
            "pacticipants": None if who.pacticipants is None else sorted(who.pacticipants),
            "environments": None if who.environments is None else sorted(who.environments),
            "may": {action.value: where for action, where in found.may.items()},
        },
        links={"self": links.to("me", "Who you are"), **own},
    )
