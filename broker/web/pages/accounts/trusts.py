"""Forms of trusts: pipelines that get a token of a service account without a stored secret."""

from typing import Any

from flask import Response, request

from broker.domain.accounts.permissions import Action
from broker.domain.accounts.trust import DEFAULT_SCOPES, Trust, TrustKind
from broker.domain.errors import ValidationError
from broker.services.accounts import accounts, trusts
from broker.web.api.accounts.trusts import parse
from broker.web.context import actor, now, reading, settings, transaction
from broker.web.description.needs import Needs
from broker.web.pages import forms
from broker.web.pages.accounts import words
from broker.web.pages.accounts.lines import lines
from broker.web.pages.forms import Form
from broker.web.pages.rendering import local, render
from broker.web.parsing import Fields
from tally.errors import InvalidContractError
from tally.hashing import parse_exactly

_MANAGES = Needs(Action.MANAGE_TEAM)
_KINDS = {TrustKind.GITHUB: "GitHub Actions", TrustKind.GITLAB: "GitLab", TrustKind.OTHER: "Another issuer"}
_CLAIMS = {
    TrustKind.GITHUB: ("repository_id", "repository_owner_id", "environment"),
    TrustKind.GITLAB: ("project_id", "environment"),
    TrustKind.OTHER: (),
}
"""Claims that have a field of their own."""


@forms.page("new-trust", needs=_MANAGES)
def new(form: Form, account: str) -> Response:
    """Show the form of a trust."""
    with reading() as storage:
        found = accounts.find(storage, account).account
        scopes = trusts.possible_scopes(storage, found.id, found.team_id)
    forms.require_for_team(Action.MANAGE_TEAM, found.team_id, found.team or "")
    kind = _kind()
    address = local("new-trust", account=found.name)
    return render(
        "accounts/trust_form.html",
        form=form.begun_with(scopes=sorted(DEFAULT_SCOPES)),
        account=found.name,
        kind=kind.value,
        kinds=[(each.value, text, f"{address}?kind={each.value}") for each, text in _KINDS.items()],
        scopes=words.scope_boxes(scopes - {Action.READ}),
        action=address,
        crumbs=[(found.name, local("account", account=found.name))],
        back=local("account", account=found.name),
    )


@forms.change("new-trust", again=new)
def add(form: Form, account: str) -> Response:
    """Trust a pipeline."""
    of, conditions = parse(Fields(_document(form, account)))
    with transaction() as storage:
        added = trusts.add(storage, of, conditions, settings(), now())
        storage.note("trust", added.uuid, team=added.account.team, after=_noted(added))
    return forms.done(
        "The pipeline is trusted. Let it exchange its id token: tally does so by itself.",
        "account",
        account=account,
    )


@forms.page("remove-trust", needs=_MANAGES)
def ask(form: Form, uuid: str) -> Response:
    """Ask whether a pipeline is to be trusted no more."""
    with reading() as storage:
        found = trusts.find(storage, actor(), uuid)
    name = found.account.name
    return render(
        "accounts/remove_trust.html",
        form=form,
        trust=found,
        action=local("remove-trust", uuid=uuid),
        crumbs=[(name, local("account", account=name))],
        back=local("account", account=name),
    )


@forms.change("remove-trust", again=ask)
def remove(_form: Form, uuid: str) -> Response:
    """Trust a pipeline no more."""
    with transaction() as storage:
        removed = trusts.remove(storage, actor(), uuid, now())
        storage.note("trust", uuid, team=removed.account.team, before=_noted(removed))
    return forms.done(
        "The pipeline is trusted no more, and its tokens are refused.",
        "account",
        account=removed.account.name,
    )


def _kind() -> TrustKind:
    asked = request.args.get("kind", TrustKind.GITHUB)
    return TrustKind(asked) if asked in set(TrustKind) else TrustKind.GITHUB


def _document(form: Form, account: str) -> dict[str, Any]:
    """Return what the form says, as the API takes it. Raises ValidationError."""
    kind = _kind()
    named = {name: form.text(f"claims.{name}").strip() for name in _CLAIMS[kind]}
    claims: dict[str, Any] = {name: value for name, value in named.items() if value}
    if kind is TrustKind.GITLAB and form.has("protected"):
        claims["ref_protected"] = "true"
    if kind is TrustKind.OTHER:
        claims = _claims(form.text("claims"))
    return {
        "account": account,
        "kind": kind.value,
        "issuer": form.text("issuer").strip() or None,
        "audience": form.text("audience").strip() or None,
        "workflow": form.text("workflow").strip() or None,
        "refs": lines(form.text("refs")) or None,
        "scopes": list(form.all("scopes")),
        "claims": claims,
    }


def _claims(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    wrong = []
    for line in lines(text):
        name, equals, value = (part.strip() for part in line.partition("="))
        if not (name and equals and value) or name in found:
            wrong.append(f"has '{line[:60]}', which is not a new name, = and its value")
        found[name] = _value(value)
    if wrong:
        raise ValidationError({"claims": wrong})
    return found


def _value(text: str) -> Any:
    """Return a value as JSON has it; what is no JSON is a text."""
    try:
        return parse_exactly(text.encode())
    except InvalidContractError:
        return text


def _noted(trust: Trust) -> dict[str, Any]:
    """Return what the audit log says of a trust."""
    what = trust.conditions
    return {
        "account": trust.account.name,
        "kind": what.kind,
        "issuer": what.issuer,
        "claims": dict(what.claims),
        "workflow": what.workflow,
        "refs": list(what.refs),
        "scopes": sorted(what.scopes),
    }
