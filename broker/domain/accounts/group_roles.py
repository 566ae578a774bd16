"""What the groups that an identity provider says give somebody: whether they get in, and which roles."""

from collections.abc import Collection

from broker.domain.accounts.permissions import Role
from broker.domain.accounts.providers import ANY_GROUP, Provider, ProviderKind
from tally.values import dataclass


@dataclass(frozen=True)
class GroupRole:
    """A role that comes from a group: in a team, by its name, or everywhere."""

    group: str
    role: Role
    team: str | None = None


def roles_of(groups: Collection[str], provider: Provider) -> frozenset[GroupRole]:
    """Return the roles that somebody in these groups has; none for somebody who does not get in.

    Who is in a group that may log in is a reader at least.
    """
    by_key = {_key(group, provider): group for group in groups}
    found = {
        GroupRole(by_key[_key(rule.group, provider)], rule.role, rule.team)
        for rule in provider.rules
        if _key(rule.group, provider) in by_key
    }
    allowed = sorted(
        group for group in provider.allowed_groups if group == ANY_GROUP or _key(group, provider) in by_key
    )
    if allowed:
        found.add(GroupRole(allowed[0], Role.READER))
    return _once(found)


def _key(group: str, provider: Provider) -> str:
    """Return the group as it is compared: names at GitHub differ in more than case."""
    return group.casefold() if provider.kind is ProviderKind.GITHUB else group


def _once(roles: Collection[GroupRole]) -> frozenset[GroupRole]:
    """Return the roles, each of them by one group: two may give the same."""
    ordered = sorted(roles, key=lambda item: item.group, reverse=True)
    return frozenset({(item.role, item.team): item for item in ordered}.values())
