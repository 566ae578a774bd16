"""Trusts: which pipelines get a token of a service account, by the claims of their id tokens.

Only ids and files that the provider of the pipeline vouches for are compared, and exactly: names of
repositories can be taken over after they were changed.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from broker.domain.accounts.actor import ActorKind
from broker.domain.accounts.id_token import shown
from broker.domain.accounts.permissions import SCOPES, Action
from broker.domain.accounts.tokens import CI_MINUTES
from broker.domain.errors import ValidationError
from tally.values import dataclass

GITHUB_ISSUER: Final = "https://token.actions.githubusercontent.com"
GITLAB_ISSUER: Final = "https://gitlab.com"
GITLAB_FILE: Final = ".gitlab-ci.yml"
LONGEST_CLAIM: Final = 255
"""Characters of the name or the value of a claim."""
MOST_CLAIMS: Final = 20
MOST_REFS: Final = 20
DEFAULT_SCOPES: Final = frozenset({Action.READ, Action.PUBLISH, Action.VERIFY})
"""What a trust allows when nothing is said, and what it may allow whatever the ref or environment."""
_STANDARD: Final = frozenset({"iss", "aud", "exp", "iat", "nbf", "jti"})
_REF: Final = re.compile(r"refs/(heads|tags)/[^\x00-\x20\x7f*]*\*?[^\x00-\x20\x7f*]*")
_GITHUB_FILE: Final = re.compile(r"\.github/workflows/[^/@\x00-\x1f\x7f]+\.ya?ml")
_GITLAB_FILE: Final = re.compile(r"(?!/)[^@\x00-\x1f\x7f]*[^@/\x00-\x1f\x7f]\.ya?ml")
_DIGITS: Final = re.compile(r"[0-9]{1,20}")
_PREFIX: Final = {"branch": "refs/heads/", "tag": "refs/tags/"}


class TrustKind(StrEnum):
    """Whose id tokens they are, which decides what the claims mean."""

    GITHUB = "github"
    GITLAB = "gitlab"
    OTHER = "other"


IDS: Final = {
    TrustKind.GITHUB: ("repository_id", "repository_owner_id"),
    TrustKind.GITLAB: ("project_id",),
    TrustKind.OTHER: (),
}
"""The claims without which anybody's pipeline would be trusted."""

_KINDS: Final = {GITHUB_ISSUER: TrustKind.GITHUB, GITLAB_ISSUER: TrustKind.GITLAB}
Claim = str | int | bool


@dataclass(frozen=True)
class TrustConditions:
    """What an id token must be to get a token, and what the token may do then.

    *claims* are exact values. *workflow* is the file that defines the pipeline, *refs* are branches and tags
    of which one must fit. Without an *audience*, the token must be for the broker's own address.
    """

    kind: TrustKind
    issuer: str
    audience: str | None
    claims: Mapping[str, Claim]
    workflow: str | None
    refs: tuple[str, ...]
    scopes: frozenset[Action]
    minutes: int = CI_MINUTES

    @property
    def repository(self) -> str | None:
        """The id of the one repository that is trusted; None where claims of another kind decide."""
        names = IDS[self.kind]
        return str(self.claims[names[0]]) if names else None


@dataclass(frozen=True)
class TrustedAccount:
    """The service account that a trust gives tokens of."""

    id: int
    uuid: str
    name: str
    kind: ActorKind
    team_id: int | None
    team: str | None
    is_disabled: bool


@dataclass(frozen=True)
class Trust:
    """A trust as it is stored."""

    id: int
    uuid: str
    account: TrustedAccount
    conditions: TrustConditions
    created_at: datetime


@dataclass(frozen=True)
class Failure:
    """One check of a trust that an id token does not pass; texts are for people."""

    check: str
    expected: str
    found: str


def failures(
    trust: TrustConditions, claims: Mapping[str, Any], addresses: Sequence[str]
) -> tuple[Failure, ...]:
    """Return why a trust does not fit these claims, which were verified; nothing if it does.

    *addresses* are the broker's own.
    """
    return tuple(
        failure
        for failure in (
            _issuer(trust, claims),
            _audience(trust, claims, addresses),
            _event(trust, claims),
            *(_claim(name, value, claims) for name, value in trust.claims.items()),
            _workflow(trust, claims),
            _refs(trust, claims),
        )
        if failure is not None
    )


def audiences(trust: TrustConditions, addresses: Sequence[str]) -> tuple[str, ...]:
    """Return the audiences that a trust accepts."""
    return (trust.audience,) if trust.audience else tuple(addresses)


def check_conditions(trust: TrustConditions) -> None:
    """Raise ValidationError for conditions that trust too many, or that no token could meet."""
    errors: dict[str, list[str]] = {}
    for field, message in _wrong(trust):
        errors.setdefault(field, []).append(message)
    if errors:
        raise ValidationError(errors)


def repository_of(claims: Mapping[str, Any]) -> str | None:
    """Return the id of the repository that an id token is of, if it says so."""
    found = claims.get("repository_id", claims.get("project_id"))
    return found if isinstance(found, str) else None


def counted_by(claims: Mapping[str, Any]) -> str:
    """Return what exchanges are counted by: the repository, or else the subject."""
    found = repository_of(claims) or claims.get("sub")
    return found if isinstance(found, str) else ""


def origin(kind: TrustKind, claims: Mapping[str, Any]) -> str:
    """Return for people which run of a pipeline an id token is of."""
    names = {
        TrustKind.GITHUB: ("repository", "workflow", "run_id", "run_attempt", "ref"),
        TrustKind.GITLAB: ("project_path", "pipeline_id", "job_id", "ref"),
        TrustKind.OTHER: ("sub",),
    }[kind]
    return ", ".join(f"{name} {shown(claims[name])}" for name in names if claims.get(name) is not None)


def _issuer(trust: TrustConditions, claims: Mapping[str, Any]) -> Failure | None:
    return None if claims.get("iss") == trust.issuer else _failure("iss", trust.issuer, claims)


def _audience(trust: TrustConditions, claims: Mapping[str, Any], addresses: Sequence[str]) -> Failure | None:
    accepted = audiences(trust, addresses)
    return None if claims.get("aud") in accepted else _failure("aud", " or ".join(accepted), claims)


def _event(trust: TrustConditions, claims: Mapping[str, Any]) -> Failure | None:
    """Refuse the event by which a pull request of a stranger runs with the rights of the repository."""
    if trust.kind is TrustKind.GITHUB and claims.get("event_name") == "pull_request_target":
        return _failure("event_name", "any but pull_request_target", claims)
    return None


def _claim(name: str, expected: Claim, claims: Mapping[str, Any]) -> Failure | None:
    found = claims.get(name)
    # In Python, True is 1.
    if type(found) is type(expected) and found == expected:
        return None
    return _failure(name, shown(expected), claims)


def _workflow(trust: TrustConditions, claims: Mapping[str, Any]) -> Failure | None:
    if trust.workflow is None:
        return None
    if trust.kind is TrustKind.GITHUB:
        name, where = "workflow_ref", f"{claims.get('repository')}/"
    else:
        parts = urlsplit(trust.issuer)
        name = "ci_config_ref_uri"
        where = f"{parts.netloc}{parts.path.rstrip('/')}/{claims.get('project_path')}//"
    beginning = f"{where}{trust.workflow}@"
    found = claims.get(name)
    if isinstance(found, str) and found.startswith(beginning):
        return None
    return _failure(name, f"{beginning}…", claims)


def _refs(trust: TrustConditions, claims: Mapping[str, Any]) -> Failure | None:
    found = full_ref(trust.kind, claims)
    if not trust.refs or (found is not None and any(matches(found, pattern) for pattern in trust.refs)):
        return None
    return Failure("ref", " or ".join(trust.refs), "nothing" if found is None else shown(found))


def full_ref(kind: TrustKind, claims: Mapping[str, Any]) -> str | None:
    """Return the branch or tag as `refs/heads/NAME` or `refs/tags/NAME`."""
    found = claims.get("ref")
    if not isinstance(found, str):
        return None
    if kind is TrustKind.GITLAB:
        prefix = _PREFIX.get(str(claims.get("ref_type")))
        return None if prefix is None else prefix + found
    return found


def matches(ref: str, pattern: str) -> bool:
    """Return whether a ref is what the pattern says; one `*` stands for any characters but `/`."""
    beginning, star, end = pattern.partition("*")
    if not star:
        return ref == pattern
    middle = ref[len(beginning) : len(ref) - len(end)]
    return (
        len(ref) >= len(beginning) + len(end)
        and ref.startswith(beginning)
        and ref.endswith(end)
        and "/" not in middle
    )


def _failure(name: str, expected: str, claims: Mapping[str, Any]) -> Failure:
    found = claims.get(name)
    return Failure(name, expected, "nothing" if found is None else shown(found))


def _wrong(trust: TrustConditions) -> list[tuple[str, str]]:
    """Return what is wrong, by field."""
    wrong = [*_wrong_claims(trust), *_wrong_places(trust)]
    of_issuer = _KINDS.get(trust.issuer, trust.kind)
    if trust.kind is not of_issuer:
        # Otherwise neither the ids nor the event of the pipeline would be checked.
        wrong.append(("kind", f"must be {of_issuer} for {trust.issuer}"))
    if not 1 <= trust.minutes <= CI_MINUTES:
        wrong.append(("minutes", f"must be from 1 to {CI_MINUTES}"))
    if not trust.scopes <= SCOPES:
        wrong.append(("scopes", "has one that no token can have"))
    further = sorted(trust.scopes - DEFAULT_SCOPES)
    if further and not _names_a_place(trust):
        others = ", or sub" if trust.kind is TrustKind.OTHER else ""
        message = (
            f"with {', '.join(further)} need a claim environment, or ref_protected with the value true"
            f"{others}: otherwise whoever may push a branch could do this"
        )
        wrong.append(("scopes", message))
    return wrong


def _names_a_place(trust: TrustConditions) -> bool:
    """Return whether more than the right to push a branch is needed to meet the conditions."""
    return (
        "environment" in trust.claims
        or trust.claims.get("ref_protected") in {"true", True}
        or (trust.kind is TrustKind.OTHER and "sub" in trust.claims)
    )


def _wrong_claims(trust: TrustConditions) -> list[tuple[str, str]]:
    wrong: list[tuple[str, str]] = []
    if len(trust.claims) > MOST_CLAIMS:
        wrong.append(("claims", f"must be at most {MOST_CLAIMS}"))
    wrong += [
        (f"claims.{name}", "is checked always: leave it out")
        for name in sorted(_STANDARD & set(trust.claims))
    ]
    for name in IDS[trust.kind]:
        value = trust.claims.get(name)
        if value is None:
            wrong.append((f"claims.{name}", "is missing: it is a number that stays when names change"))
        elif not isinstance(value, str) or not _DIGITS.fullmatch(value):
            wrong.append((f"claims.{name}", "must be a text of digits"))
    if trust.kind is TrustKind.OTHER and not set(trust.claims) - _STANDARD:
        wrong.append(("claims", "must name at least one, such as sub: the issuer may sign for anybody"))
    return wrong


def _wrong_places(trust: TrustConditions) -> list[tuple[str, str]]:
    wrong: list[tuple[str, str]] = []
    form, example = {
        TrustKind.GITHUB: (_GITHUB_FILE, ".github/workflows/ci.yml"),
        TrustKind.GITLAB: (_GITLAB_FILE, GITLAB_FILE),
        TrustKind.OTHER: (None, ""),
    }[trust.kind]
    if form is None and trust.workflow is not None:
        wrong.append(("workflow", "is for kind github and gitlab; name a claim instead"))
    elif form is not None and (trust.workflow is None or not form.fullmatch(trust.workflow)):
        wrong.append(("workflow", f"must be the file of the pipeline, such as {example}"))
    if len(trust.refs) > MOST_REFS:
        wrong.append(("refs", f"must be at most {MOST_REFS}"))
    wrong += [
        ("refs", f"has {shown(ref)}, which must begin with refs/heads/ or refs/tags/, with one * at most")
        for ref in trust.refs
        if not _REF.fullmatch(ref)
    ][:1]
    return wrong
