"""How roles, permissions and tokens are called on pages."""

from collections.abc import Collection
from datetime import datetime

from broker.domain.accounts.account import StoredToken
from broker.domain.accounts.permissions import SCOPES, Action, Role
from broker.domain.accounts.tokens import TokenKind, expires_soon

_ROLES = {
    Role.READER: ("reader", "Reads everything."),
    Role.PUBLISHER: ("publisher", "Publishes contracts and results, and records deployments."),
    Role.DEPLOYER: ("deployer", "Records deployments, also to protected environments that list the team."),
    Role.TEAM_ADMINISTRATOR: (
        "team administrator",
        "Does all for the team: deletes, sets up webhooks, adds people, makes service accounts.",
    ),
    Role.ADMINISTRATOR: ("administrator", "Does everything in the broker."),
}
_SCOPES = {
    Action.READ: "look at everything",
    Action.PUBLISH: "publish contracts; change applications, versions, branches, tags and labels",
    Action.VERIFY: "publish results of providers",
    Action.DEPLOY: "record deployments and releases",
    Action.OVERRIDE: "record a deployment although can-i-deploy says no",
    Action.DELETE: "remove contracts, results, versions and branches",
    Action.DELETE_PACTICIPANT: "remove applications and integrations",
    Action.WEBHOOKS: "change and send webhooks, and change secrets",
    Action.MANAGE_TEAM: "change members, service accounts, tokens and trusts of a team",
    Action.ADMINISTER: "change environments and gates, and what no team owns",
    Action.ACCOUNTS: "change accounts, teams and roles",
}
EVERYWHERE = (Role.ADMINISTRATOR, Role.PUBLISHER, Role.DEPLOYER, Role.READER)
IN_TEAMS = (Role.TEAM_ADMINISTRATOR, Role.PUBLISHER, Role.DEPLOYER, Role.READER)


def role_in_words(role: Role) -> str:
    """Return what people call a role."""
    return _ROLES[role][0]


def role_boxes(roles: Collection[Role]) -> list[tuple[str, str, str]]:
    """Return boxes of a form to tick: value, text and hint."""
    return [(role.value, *_ROLES[role]) for role in roles]


def scope_boxes(allowed: Collection[Action] | None = None) -> list[tuple[str, str, str]]:
    """Return boxes for scopes of a token; with *allowed*, only for these."""
    return [
        (action.value, action.value, text)
        for action, text in _SCOPES.items()
        if action in SCOPES and (allowed is None or action in allowed)
    ]


def is_expiring(token: StoredToken, now: datetime) -> bool:
    """Return whether a token expires so soon that somebody should make another."""
    return token.kind is not TokenKind.CI and expires_soon(token.expires_at, now)


FILTERS = {"role": role_in_words}
TESTS = {"expiring": is_expiring}
