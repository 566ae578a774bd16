"""Which role may do what. Permissions only add up: there are no denials (docs/accounts.md)."""

from enum import StrEnum


class Action(StrEnum):
    """What somebody may be allowed to do. Each view says which one it is."""

    READ = "read"
    PUBLISH = "publish"
    """Publish pacts and service contracts; change pacticipants, versions, branches, tags and labels."""
    VERIFY = "verify"
    """Publish results of a provider."""
    DEPLOY = "deploy"
    """Record deployments and releases, and their end."""
    OVERRIDE = "override"
    """Record a deployment although can-i-deploy says no, where the environment asks for a yes."""
    DELETE = "delete"
    """Remove contracts, results, versions and branches, and set the policy of service contracts."""
    DELETE_PACTICIPANT = "delete-pacticipant"
    """Remove pacticipants and integrations."""
    WEBHOOKS = "webhooks"
    """Change, execute and redeliver webhooks, and change secrets."""
    MANAGE_TEAM = "manage-team"
    """Change the members of a team, its service accounts, their tokens and trusts."""
    ADMINISTER = "administer"
    """Change environments and gates, copy data from another broker, and whatever no team owns."""
    ACCOUNTS = "accounts"
    """Change accounts, teams, roles and trusts, and read the whole audit log."""
    OWN_ACCOUNT = "own-account"
    """Look at and change one's own tokens, sessions and password. Everybody who is known may."""


class Role(StrEnum):
    """What an account is in a team or, without a team, everywhere."""

    READER = "reader"
    PUBLISHER = "publisher"
    DEPLOYER = "deployer"
    TEAM_ADMINISTRATOR = "team-administrator"
    ADMINISTRATOR = "administrator"


_READING = frozenset({Action.READ, Action.OWN_ACCOUNT})
ALLOWED = {
    Role.READER: _READING,
    Role.PUBLISHER: _READING | {Action.PUBLISH, Action.VERIFY, Action.DEPLOY},
    Role.DEPLOYER: _READING | {Action.DEPLOY},
    Role.TEAM_ADMINISTRATOR: frozenset(Action) - {Action.ADMINISTER, Action.ACCOUNTS, Action.OVERRIDE},
    Role.ADMINISTRATOR: frozenset(Action),
}
PROTECTED_DEPLOYERS = frozenset({Role.DEPLOYER, Role.TEAM_ADMINISTRATOR, Role.ADMINISTRATOR})
"""Who may deploy to a protected environment, if it lists the team; an administrator always."""
EVERYWHERE_ONLY = frozenset({Role.ADMINISTRATOR})
"""Roles that no team gives."""
IN_TEAMS_ONLY = frozenset({Role.TEAM_ADMINISTRATOR})
"""Roles that are of a team always."""
EVERYWHERE_ACTIONS = frozenset({Action.ADMINISTER, Action.ACCOUNTS, Action.OVERRIDE})
"""Actions that no team gives, and that a token which is limited to some pacticipants does not allow."""
OF_TEAMS = frozenset({Action.WEBHOOKS, Action.MANAGE_TEAM, Action.ADMINISTER, Action.ACCOUNTS})
"""Actions for a team or for all, and that a token which is limited to some pacticipants does not allow."""
OF_ENVIRONMENTS = frozenset({Action.ADMINISTER, Action.ACCOUNTS})
"""Actions that reach every environment, and that a token which is limited to some does not allow."""
ALWAYS_ENFORCED = frozenset({Action.ACCOUNTS, Action.MANAGE_TEAM, Action.OWN_ACCOUNT, Action.OVERRIDE})
"""What is refused also while permissions are only reported: nobody may give themselves a role meanwhile."""
SETTINGS = frozenset(Action) - {Action.ACCOUNTS, Action.MANAGE_TEAM}
"""What a user or a token of the settings that may write can do, once there are accounts."""
SCOPES = frozenset(Action) - {Action.OWN_ACCOUNT}
"""What the scopes of a token may name; every token may ask who it is."""
