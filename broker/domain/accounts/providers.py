"""Identity providers by which people log in, as the settings describe them."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from urllib.parse import quote, unquote, urlsplit

from broker.domain.accounts.permissions import EVERYWHERE_ONLY, IN_TEAMS_ONLY, Role
from tally.values import dataclass

GITHUB = "https://github.com"
ANY_GROUP = "*"
"""In the list of groups that may log in: everybody whom the provider knows."""
_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
_RESERVED = {"allowed", "groups", "link", "password", "providers"}
"""Names whose variables or addresses would be those of something else."""
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_SUFFIXES = (
    "KIND",
    "TITLE",
    "ISSUER",
    "CLIENT_ID",
    "CLIENT_SECRET",
    "SCOPES",
    "GROUPS_CLAIM",
    "GROUPS",
    "ALLOWED_GROUPS",
    "ADMIN_GROUP",
)
_DEFAULT_SCOPES = {"openid": "openid profile email", "github": "read:user read:org"}
_MAY_BE_COMMON = ("GROUPS_CLAIM", "GROUPS", "ALLOWED_GROUPS", "ADMIN_GROUP")
"""What has a variable without a provider's name too, for a broker with one provider."""


class InvalidProviderError(ValueError):
    """A variable about an identity provider is wrong; the text names it and says what to do."""


class ProviderKind(StrEnum):
    """By which protocol a provider says who somebody is."""

    OPENID = "openid"
    GITHUB = "github"


@dataclass(frozen=True)
class GroupRule:
    """The role that members of a group have: in a team, by its name, or everywhere."""

    group: str
    role: Role
    team: str | None = None


@dataclass(frozen=True)
class Provider:
    """An identity provider. *name* is in the addresses of the log-in, *title* on its button."""

    name: str
    kind: ProviderKind
    title: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    scopes: str
    groups_claim: str
    rules: tuple[GroupRule, ...]
    allowed_groups: frozenset[str]

    def __str__(self) -> str:
        return self.name


def variables_of(name: str) -> list[str]:
    """Return the variables of the provider of that name, without their prefix."""
    return [f"OIDC_{name.upper().replace('-', '_')}_{suffix}" for suffix in _SUFFIXES]


def as_variables(provider: Provider) -> dict[str, str]:
    """Return the variables that `read` reads as this provider, without their prefix."""
    rules = (
        f"{_quoted(rule.group)}={f'{_quoted(rule.team)}:' if rule.team else ''}{rule.role}"
        for rule in provider.rules
    )
    values = {
        "KIND": provider.kind,
        "TITLE": provider.title,
        "ISSUER": provider.issuer,
        "CLIENT_ID": provider.client_id,
        "CLIENT_SECRET": provider.client_secret,
        "SCOPES": provider.scopes,
        "GROUPS_CLAIM": provider.groups_claim,
        "GROUPS": " ".join(rules),
        "ALLOWED_GROUPS": " ".join(sorted(map(_quoted, provider.allowed_groups))),
        "ADMIN_GROUP": "",
    }
    return {name: values[suffix] for name, suffix in zip(variables_of(provider.name), _SUFFIXES, strict=True)}


def is_of_provider(variable: str) -> bool:
    """Return whether a variable, without its prefix, looks like one of a provider."""
    return re.fullmatch(rf"OIDC_[A-Z][A-Z0-9_]*_({'|'.join(_SUFFIXES)})", variable) is not None


def read(names: Sequence[str], find: Callable[[str], str], common: Mapping[str, str]) -> tuple[Provider, ...]:
    """Return the providers of these names. *find* returns the value of a variable, "" if it is not set.

    *common* has the values of the variables without a provider's name. Raises InvalidProviderError.
    """
    if len(names) > 1 and (given := next((name for name, value in common.items() if value), "")):
        raise InvalidProviderError(
            f"{given} would be for all of {len(names)} providers, and a group of one is not a group of "
            f"another: set it for each, such as TALLY_{variables_of(names[0])[0].removesuffix('KIND')}"
            f"{given.removeprefix('TALLY_').removeprefix('OIDC_')}"
        )
    if len(set(names)) < len(names):
        raise InvalidProviderError("TALLY_OIDC_PROVIDERS names a provider twice")
    return tuple(_provider(name, find, common) for name in names)


def _provider(name: str, find: Callable[[str], str], common: Mapping[str, str]) -> Provider:
    if not _NAME.fullmatch(name) or name in _RESERVED:
        raise InvalidProviderError(
            f"TALLY_OIDC_PROVIDERS: {name!r} cannot be the name of a provider; lower-case letters, digits "
            f"and hyphens can, but not {', '.join(sorted(_RESERVED))}"
        )
    called = {
        suffix: f"TALLY_{variable}" for suffix, variable in zip(_SUFFIXES, variables_of(name), strict=True)
    }
    values = {suffix: find(variable.removeprefix("TALLY_")) for suffix, variable in called.items()}
    for suffix, variable in zip(_MAY_BE_COMMON, common, strict=True):
        if not values[suffix]:
            values[suffix], called[suffix] = common[variable], variable
    kind = _kind(values, called["KIND"])
    issuer = _issuer(values["ISSUER"] or (GITHUB if kind is ProviderKind.GITHUB else ""), called["ISSUER"])
    for suffix in ("CLIENT_ID", *(("CLIENT_SECRET",) if kind is ProviderKind.GITHUB else ())):
        if not values[suffix]:
            raise InvalidProviderError(f"{called[suffix]} is missing: the provider gives it for the broker")
    rules = tuple(_rule(text, called["GROUPS"]) for text in values["GROUPS"].split())
    if values["ADMIN_GROUP"]:
        rules += (GroupRule(unquote(values["ADMIN_GROUP"]), Role.ADMINISTRATOR),)
    allowed = frozenset(unquote(text) for text in values["ALLOWED_GROUPS"].split())
    _check_groups(kind, rules, allowed, called)
    return Provider(
        name,
        kind,
        values["TITLE"] or ("GitHub" if issuer == GITHUB else name.capitalize()),
        issuer,
        values["CLIENT_ID"],
        values["CLIENT_SECRET"],
        values["SCOPES"] or _DEFAULT_SCOPES[kind],
        values["GROUPS_CLAIM"] or "groups",
        tuple(dict.fromkeys(rules)),
        allowed,
    )


def _kind(values: Mapping[str, str], variable: str) -> ProviderKind:
    text = values["KIND"].lower()
    if not text:
        is_github = values["ISSUER"].rstrip("/") == GITHUB
        return ProviderKind.GITHUB if is_github else ProviderKind.OPENID
    if text not in set(ProviderKind):
        raise InvalidProviderError(f"{variable} must be one of {', '.join(ProviderKind)}, not {text!r}")
    return ProviderKind(text)


def _issuer(text: str, variable: str) -> str:
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host = None
    may_be_plain = host in _LOOPBACK
    if not host or parts.scheme not in ({"http", "https"} if may_be_plain else {"https"}):
        raise InvalidProviderError(
            f"{variable} must be the issuer's address, such as https://login.example.org, not {text!r}"
        )
    if parts.query or parts.fragment or parts.username is not None:
        raise InvalidProviderError(f"{variable} must have no user, no query and no fragment")
    return text


def _rule(text: str, variable: str) -> GroupRule:
    group, _, given = text.rpartition("=")
    team, _, role = given.rpartition(":")
    if not group or not role:
        raise InvalidProviderError(
            f"{variable}: {text!r} must be GROUP=ROLE or GROUP=TEAM:ROLE; %20 stands for a space"
        )
    roles = [known for known in Role if known not in (EVERYWHERE_ONLY if team else IN_TEAMS_ONLY)]
    if role not in roles:
        where = f"the team {unquote(team)}" if team else "all teams"
        raise InvalidProviderError(
            f"{variable}: {text!r} gives the role {role!r}; for {where} it must be one of {', '.join(roles)}"
        )
    return GroupRule(unquote(group), Role(role), unquote(team) or None)


def _quoted(text: str) -> str:
    return quote(text, safe="/@.+-_*")


def _check_groups(
    kind: ProviderKind, rules: Sequence[GroupRule], allowed: frozenset[str], called: Mapping[str, str]
) -> None:
    if kind is ProviderKind.GITHUB and ANY_GROUP in allowed:
        raise InvalidProviderError(
            f"{called['ALLOWED_GROUPS']} is {ANY_GROUP}, but everybody can have an account at GitHub: name "
            "organizations, or their teams as ORGANIZATION/TEAM"
        )
    if not rules and not allowed:
        raise InvalidProviderError(
            f"nobody could log in: {called['GROUPS']}, {called['ALLOWED_GROUPS']} and "
            f"{called['ADMIN_GROUP']} name no group ({called['ALLOWED_GROUPS']}={ANY_GROUP} lets everybody "
            "in whom the provider knows)"
        )
