"""Find accounts, teams and tokens at the broker by its links."""

from collections.abc import Iterable, Mapping
from typing import Any

from tally.broker_client import BrokerClient, Link, Resource
from tally.commands import answers
from tally.errors import UsageError

EVERYWHERE = "everywhere"


def link(broker: BrokerClient, relation: str) -> Link:
    """Return a link of the index. Raises UsageError at a broker that has no accounts."""
    found = next(broker.index().links(relation), None)
    if found is None:
        raise UsageError(
            f"The broker at {broker.base_url} has no accounts yet. Create the first one on its machine: "
            "tally users create --admin NAME"
        )
    return found


def account(broker: BrokerClient, name: str) -> Resource:
    """Return an account. Raises UsageError when there is none of that name."""
    with answers.not_found(f"There is no account {name!r}. (All of them: tally users list)"):
        return broker.get(link(broker, "tally:account").expand(account=name))


def team(broker: BrokerClient, name: str) -> Resource:
    """Return a team. Raises UsageError when there is none of that name."""
    with answers.not_found(f"There is no team {name!r}. (All of them: tally teams list)"):
        return broker.get(link(broker, "tally:team").expand(team=name))


def roles_text(roles: Iterable[Mapping[str, Any] | str]) -> str:
    """Return roles as people read and write them: "publisher@payments, reader"."""
    return ", ".join(role if isinstance(role, str) else _role_text(role) for role in roles)


def roles_in_team(roles: Iterable[Mapping[str, Any] | str], team: str) -> str:
    """Return the roles of a member of a team: "publisher" is one in it, "reader@everywhere" is not."""
    return ", ".join(
        role if isinstance(role, str) else _role_of_member(role["role"], role.get("team"), team)
        for role in roles
    )


def wanted_roles(texts: Iterable[str]) -> list[dict[str, str]]:
    """Return what the broker takes for roles such as "reader" and "publisher@payments".

    Raises UsageError without a team after the @: an empty variable must not give the role everywhere.
    """
    found = []
    for text in texts:
        role, at, of_team = text.partition("@")
        if at and not of_team:
            raise UsageError(f"{text!r} names no team after the @. (A variable that is empty?)")
        found.append({"role": role, "team": of_team} if of_team and of_team != EVERYWHERE else {"role": role})
    return found


def _role_of_member(role: str, given_in: str | None, team: str) -> str:
    return role if given_in == team else f"{role}@{given_in or EVERYWHERE}"


def _role_text(role: Mapping[str, Any]) -> str:
    return f"{role['role']}@{role['team']}" if role.get("team") else str(role["role"])
