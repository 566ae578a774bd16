"""Pages of the secrets that webhooks use by name; a value goes in and never comes out."""

from typing import Any

from flask import Response

from broker.domain.accounts.permissions import Action
from broker.services.webhooks import secrets as stored
from broker.web.api.webhooks import secrets as api
from broker.web.context import (
    now,
    reading,
    settings,
    transaction,
)
from broker.web.description.needs import Needs
from broker.web.pages import forms
from broker.web.pages.forms import Form
from broker.web.pages.page import blueprint
from broker.web.pages.rendering import render
from broker.web.parsing import Fields
from broker.web.routes import rule


@blueprint.get(rule("secrets"))
@blueprint.get(rule("secret"))
def secrets(secret: str = "") -> Response:
    """Show the names of the secrets; one of them is marked."""
    with reading() as storage:
        marked = stored.find(storage, secret).name if secret else ""
        found = stored.every(storage)
    return render(
        "secrets.html",
        secrets=found,
        marked=marked,
        has_key=bool(settings().secrets_key),
    )


@forms.page("new-secret", needs=Needs(Action.WEBHOOKS))
def new(form: Form) -> Response:
    """Show the form of a secret."""
    return render("secret_form.html", form=form)


@forms.change("new-secret", again=new)
def put(form: Form) -> Response:
    """Store a secret, or give it a new value."""
    name = form.text("name").strip()
    given: dict[str, Any] = {
        "value": form.text("value") or None,
        "description": form.text("description") or None,
        # Fields that are left empty leave what is stored.
        **({"team": team} if (team := form.text("team").strip()) else {}),
        "hosts": form.text("hosts").split() or None,
    }
    new = api.parse(name, Fields(given))
    with transaction() as storage:
        _, is_new = stored.put(storage, new, settings(), now())
    return forms.done(f"The secret {name} was {'stored' if is_new else 'given a new value'}.", "secrets")
