"""The form of an environment."""

from collections.abc import Sequence
from typing import Any

import orjson
from flask import Response

from broker.domain.accounts.permissions import Action
from broker.domain.model import Environment
from broker.services.environments import environments
from broker.web.api.environments.environments import parse
from broker.web.context import known_accounts, now, reading, transaction
from broker.web.description.needs import Needs
from broker.web.pages import forms
from broker.web.pages.forms import Form
from broker.web.pages.rendering import local, render
from broker.web.parsing import Fields
from tally.errors import InvalidContractError
from tally.hashing import compact_json, parse_exactly

_NAME, _DETAILS = "contact-name", "contact-details"
_YES, _NO = "yes", "no"
MORE_CONTACTS = 2
"""Empty fields for contacts, after those that there are."""


@forms.page("new-environment", needs=Needs(Action.ADMINISTER))
def new(form: Form) -> Response:
    """Show the form of a new environment."""
    return _form(form, None)


@forms.change("new-environment", again=new)
def create(form: Form) -> Response:
    """Create an environment."""
    description = parse(Fields(_document(form, None)))
    with transaction() as storage:
        environments.create(storage, description, now())
    return forms.done(f"The environment {description.name} was created.", "environments")


@forms.page("edit-environment", needs=Needs(Action.ADMINISTER))
def edit(form: Form, uuid: str) -> Response:
    """Show the form of an environment that there is."""
    with reading() as storage:
        found = environments.find(storage, uuid)
        listed = environments.deployers(storage, [found], has_accounts=known_accounts().any()) or {}
    return _form(form, found, listed.get(found.id, ()))


@forms.change("edit-environment", again=edit)
def change(form: Form, uuid: str) -> Response:
    """Describe an environment anew."""
    with reading() as storage:
        found = environments.find(storage, uuid)
    description = parse(Fields(_document(form, found)))
    with transaction() as storage:
        environments.replace(storage, uuid, description, now())
    return forms.done(f"The environment {description.name} was changed.", "environment", uuid=uuid)


def _form(form: Form, found: Environment | None, deployers: Sequence[str] = ()) -> Response:
    contacts = _contacts(found)
    if found is not None:
        form = form.begun_with(
            name=found.name,
            displayName=found.display_name,
            production="on" if found.production else None,
            protected="" if found.protected is None else _YES if found.protected else _NO,
            deployers="\n".join(deployers),
            requiresCanIDeploy="on" if found.requires_can_i_deploy else None,
            **{
                _NAME: [str(contact.get("name", "")) for contact in contacts],
                _DETAILS: [_lines(contact.get("details")) for contact in contacts],
            },
        )
    rows = list(zip(form.all(_NAME), form.all(_DETAILS), strict=False))
    filled = [row for row in rows if any(text.strip() for text in row)]
    return render(
        "environment_form.html",
        form=form,
        found=found,
        contacts=[*filled, *[("", "")] * MORE_CONTACTS],
        action=local("edit-environment", uuid=found.uuid) if found else local("new-environment"),
    )


def _document(form: Form, found: Environment | None) -> dict[str, Any]:
    """Return what the form says, as the API takes it. Details that were not touched stay as they are."""
    kept = {_lines(contact.get("details")): contact.get("details") for contact in _contacts(found)}
    contacts = [
        {"details": kept.get(details, _details(details)), **({"name": name.strip()} if name.strip() else {})}
        for name, details in zip(form.all(_NAME), form.all(_DETAILS), strict=False)
        if name.strip() or details.strip()
    ]
    return {
        "name": form.text("name").strip() or None,
        "displayName": form.text("displayName").strip() or None,
        "production": form.has("production"),
        "contacts": contacts or None,
        "requiresCanIDeploy": form.has("requiresCanIDeploy") or _unless_unsaid(found),
        **_protection(form),
    }


def _unless_unsaid(found: Environment | None) -> bool | None:
    """Return that no yes is required; None where nobody has said anything of that yet."""
    return None if found is None or found.requires_can_i_deploy is None else False


def _protection(form: Form) -> dict[str, Any]:
    """Return who may deploy there; the fields are shown once there are accounts."""
    if not known_accounts().any():
        return {}
    lines = [line.strip() for line in form.text("deployers").split("\n")]
    return {
        "protected": {_YES: True, _NO: False}.get(form.text("protected")),
        "deployers": [line for line in lines if line],
    }


def _contacts(found: Environment | None) -> list[dict[str, Any]]:
    contacts: list[dict[str, Any]] = orjson.loads(found.contacts) if found and found.contacts else []
    return contacts


def _lines(details: Any) -> str:
    """Return what is said of a contact, one thing on a line."""
    if not isinstance(details, dict):
        return ""
    return "\n".join(f"{key}: {_shown(value)}" for key, value in details.items())


def _shown(value: Any) -> str:
    is_plain = isinstance(value, str) and "\n" not in value and value[:1] not in {'"', "{", "["}
    return value if is_plain else compact_json(value).decode()


def _details(text: str) -> dict[str, Any] | None:
    pairs = (line.partition(":") for line in text.split("\n") if line.strip())
    return {key.strip(): _value(value.strip()) for key, _, value in pairs} or None


def _value(text: str) -> Any:
    if text[:1] not in {'"', "{", "["}:
        return text
    try:
        return parse_exactly(text.encode())
    except InvalidContractError:
        return text
