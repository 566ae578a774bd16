"""Trusts: pipelines that get a token of a service account for the id token of their provider."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request

from broker.domain import limits
from broker.domain.accounts.permissions import SCOPES, Action
from broker.domain.accounts.tokens import CI_MINUTES
from broker.domain.accounts.trust import (
    DEFAULT_SCOPES,
    GITHUB_ISSUER,
    GITLAB_FILE,
    GITLAB_ISSUER,
    LONGEST_CLAIM,
    MOST_CLAIMS,
    MOST_REFS,
    Claim,
    Trust,
    TrustConditions,
    TrustKind,
)
from broker.services.accounts import testing_trusts, trusts
from broker.services.accounts.testing_trusts import TestedIdToken, TestedTrust
from broker.web import parsing
from broker.web.api.accounts.id_tokens import keys_for, token_in_body
from broker.web.context import actor, links, now, reading, settings, transaction
from broker.web.description.needs import Needs
from broker.web.description.operation import QueryParameter
from broker.web.hal import Hal, Links, collection, resource, timestamp
from broker.web.parsing import Fields
from broker.web.resource import ApiResource
from broker.web.responses import created
from tally import json_text

api = ApiResource("trusts", __name__)
api.relation(
    "tally:trusts",
    "Trusts: pipelines that get a token for the id token of their provider, without a stored secret. POST "
    "adds one, for an `account`, with a `kind` (github, gitlab, other) and the `claims` of the id token.",
    "trusts",
    title="Pipelines that are trusted without a stored secret",
    with_accounts=True,
)
api.relation("tally:trust", "A trust.", "trust", title="A pipeline that is trusted", with_accounts=True)
api.relation(
    "tally:test-trusts",
    "POST an id token as `token`: the answer says for each trust which check fails, and of which "
    "`accounts` trusts fit: of several, an exchange must name one as `account`. Nothing is used by that.",
    "test-trusts",
    title="Test which trusts an id token fits",
    with_accounts=True,
)
_MANAGING = Needs(Action.MANAGE_TEAM)
_FIELDS = (
    *("account", "kind", "issuer", "audience", "claims", "workflow", "refs", "scopes", "minutes"),
    # Whoever sends back what was read changes nothing by it.
    *("uuid", "team", "createdAt", "_links"),
)
_WORKFLOWS = ".github/workflows/"
_LARGEST = 2**53 - 1


@api.get(
    "trusts",
    answers="Trusts",
    query=(QueryParameter("team", "Only those of this team"),),
    refuses=(403,),
    needs=_MANAGING,
)
def index() -> Hal:
    """List the trusts that you may change."""
    with reading() as storage:
        found = trusts.visible(storage, actor(), request.args.get("team"))
    make = links()
    return collection(
        "trusts",
        [represent(trust, make) for trust in found],
        links={"self": make.to("trusts", "Trusts"), "curies": make.curies("trusts")},
    )


@api.post("trusts", answers="Trust", statuses=(201,), takes="NewTrust", refuses=(403,), needs=_MANAGING)
def create() -> Response:
    """Trust a pipeline."""
    account, conditions = parse(Fields(parsing.json_object()))
    with transaction() as storage:
        added = trusts.add(storage, account, conditions, settings(), now())
        storage.note("trust", added.uuid, team=added.account.team, after=_state(added))
    make = links()
    return created(represent(added, make), make.href("trust", uuid=added.uuid))


@api.get("trust", answers="Trust", refuses=(403,), needs=_MANAGING)
def show(uuid: str) -> Hal:
    """Show a trust."""
    with reading() as storage:
        found = trusts.find(storage, actor(), uuid)
    return represent(found, links())


@api.delete("trust", needs=_MANAGING)
def delete(uuid: str) -> tuple[str, int]:
    """Remove a trust, and the tokens that pipelines got by it."""
    with transaction() as storage:
        removed = trusts.remove(storage, actor(), uuid, now())
        storage.note("trust", uuid, team=removed.account.team, before=_state(removed))
    return "", 204


@api.post("test-trusts", answers="TestedTrusts", takes="IdToken", needs=_MANAGING)
def test() -> Hal:
    """Say which checks of each trust an id token does not pass; it is not used by that."""
    text, account = token_in_body()
    with reading() as storage:
        visible = trusts.visible(storage, actor())
        tested = testing_trusts.begin(storage, text, visible, settings())
    tested = testing_trusts.verify(tested, keys_for(tested.token), now())
    return _tested(tested, account, links())


def parse(fields: Fields) -> tuple[str, TrustConditions]:
    """Return for which account, and what an id token must be. Raises ValidationError."""
    fields.only(_FIELDS)
    account = fields.text("account", limit=limits.NAME, required=True) or ""
    kind = TrustKind(fields.one_of("kind", tuple(TrustKind), required=True) or TrustKind.OTHER)
    issuer = fields.text("issuer", limit=limits.URL, spaces=False, required=kind is TrustKind.OTHER)
    audience = fields.text("audience", limit=limits.URL, spaces=False)
    workflow = fields.text("workflow", limit=limits.NAME)
    refs = fields.texts("refs", limit=limits.REFERENCE, most=MOST_REFS)
    scopes = fields.texts("scopes", limit=limits.NAME, most=len(SCOPES))
    minutes = CI_MINUTES
    if fields.anything("minutes") is not None:
        minutes = fields.whole("minutes", at_least=1, at_most=CI_MINUTES) or CI_MINUTES
    claims = _claims(fields)
    for scope in scopes or ():
        if scope not in SCOPES:
            fields.refuse("scopes", f"has {scope}, and must be of: {', '.join(sorted(SCOPES))}")
    fields.done()
    return account, TrustConditions(
        kind,
        issuer or {TrustKind.GITHUB: GITHUB_ISSUER, TrustKind.GITLAB: GITLAB_ISSUER}[kind],
        audience,
        claims,
        _file(kind, workflow),
        refs or (),
        DEFAULT_SCOPES if scopes is None else frozenset({Action.READ, *map(Action, scopes)}),
        minutes,
    )


def _claims(fields: Fields) -> Mapping[str, Claim]:
    found = fields.anything("claims")
    if found is None:
        return {}
    if not isinstance(found, dict):
        fields.refuse("claims", "must be a hash")
        return {}
    if len(found) > MOST_CLAIMS:
        fields.refuse("claims", f"must be at most {MOST_CLAIMS}")
        return {}
    plain: Mapping[str, Claim] = json_text.plain(found)
    for name, value in plain.items():
        if wrong := _wrong_claim(name, value):
            fields.refuse(f"claims.{name[:LONGEST_CLAIM]}", wrong)
    return plain


def _wrong_claim(name: str, value: object) -> str | None:
    if not isinstance(value, str | int):
        return "must be a text, a whole number, true or false"
    if isinstance(value, int):
        return "is too large for a number: programs round it" if abs(value) > _LARGEST else None
    is_long = len(value) > LONGEST_CLAIM or len(name) > LONGEST_CLAIM
    return f"has more than {LONGEST_CLAIM} characters" if is_long else None


def _file(kind: TrustKind, workflow: str | None) -> str | None:
    """Return the file of the pipeline, from the root of the repository."""
    if kind is TrustKind.GITHUB and workflow and "/" not in workflow:
        return _WORKFLOWS + workflow
    return GITLAB_FILE if kind is TrustKind.GITLAB and workflow is None else workflow


def represent(trust: Trust, links: Links) -> Hal:
    """Return the HAL document of a trust."""
    itself = links.to("trust", "Trust", uuid=trust.uuid)
    return resource(
        {"uuid": trust.uuid, **_state(trust), "createdAt": timestamp(trust.created_at)},
        links={
            "self": itself,
            "tally:trusts": links.to("trusts", "Trusts"),
            "curies": links.curies("trusts"),
        },
    )


def _state(trust: Trust) -> dict[str, Any]:
    conditions = trust.conditions
    return {
        "account": trust.account.name,
        "team": trust.account.team,
        "kind": conditions.kind.value,
        "issuer": conditions.issuer,
        "audience": conditions.audience,
        "claims": dict(conditions.claims),
        "workflow": conditions.workflow,
        "refs": list(conditions.refs),
        "scopes": sorted(conditions.scopes),
        "minutes": conditions.minutes,
    }


def _tested(tested: TestedIdToken, account: str | None, links: Links) -> Hal:
    failed = tested.failed
    return {
        "accepted": tested.is_accepted(account),
        "failed": None if failed is None else {"check": failed.check.value, "message": failed.text},
        "accounts": list(tested.accounts) if failed is None else [],
        "_embedded": {"trusts": [_tested_trust(each, links) for each in tested.trusts]},
        "_links": {"tally:trusts": links.to("trusts", "Trusts"), "curies": links.curies("trusts")},
    }


def _tested_trust(tested: TestedTrust, links: Links) -> Hal:
    return {
        **represent(tested.trust, links),
        "fits": not tested.failures,
        "failures": [
            {"check": failure.check, "expected": failure.expected, "found": failure.found}
            for failure in tested.failures
        ],
    }
