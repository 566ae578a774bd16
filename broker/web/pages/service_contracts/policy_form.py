"""The form of a service's policy: how its contracts are compared, and what they are worth in decisions."""

from typing import Any

from flask import Response

from broker.domain.accounts.permissions import Action
from broker.domain.service_contracts.policy import MODES, DocumentPolicy, Evidence, OnIncompatible
from broker.services.service_contracts import policies
from broker.web.api.service_contracts.policies import parse
from broker.web.context import now, reading, transaction
from broker.web.description.needs import Needs
from broker.web.pages import forms
from broker.web.pages.forms import Form
from broker.web.pages.rendering import local, render
from broker.web.parsing import Fields

_ROUTE = "edit-service-contract-policy"
_DOCUMENT, _MODE, _LENIENT = "document", "document-mode", "document-lenient"
_DEFAULTS = "defaults"
_YES = "yes"


@forms.page(_ROUTE, needs=Needs(Action.DELETE, "pacticipant"))
def edit(form: Form, pacticipant: str) -> Response:
    """Show the policy of a service."""
    with reading() as storage:
        found = policies.find(storage, pacticipant)
    begun = form.begun_with(
        mode=found.rules.mode,
        lenient="on" if found.rules.lenient else None,
        incompatible=found.incompatible.value,
        evidence=found.evidence.value,
        guaranteed="on" if found.guaranteed else None,
        **{
            _DOCUMENT: list(found.documents),
            _MODE: [rules.mode for rules in found.documents.values()],
            _LENIENT: [_YES if rules.lenient else "" for rules in found.documents.values()],
        },
    )
    return render(
        "policy_form.html",
        form=begun,
        pacticipant=pacticipant,
        is_set=found.updated_at is not None,
        documents=[*(row for row in _documents(begun) if row[0].strip()), ("", DocumentPolicy.mode, "")],
        modes=[(mode, mode) for mode in MODES],
        incompatible=[(item.value, item.value) for item in OnIncompatible],
        evidence=[(item.value, item.value) for item in Evidence],
        action=local(_ROUTE, pacticipant=pacticipant),
    )


@forms.change(_ROUTE, again=edit)
def change(form: Form, pacticipant: str) -> Response:
    """Set the policy of a service, or let the defaults hold again."""
    if form.text("do") == _DEFAULTS:
        with transaction() as storage:
            storage.note_action("service_contract_policies.remove")
            policies.remove(storage, pacticipant, now())
        return forms.done(
            f"The defaults hold again for {pacticipant}.", "pacticipant", pacticipant=pacticipant
        )
    policy = parse(Fields(_document(form)))
    with transaction() as storage:
        policies.change(storage, pacticipant, policy, now())
    return forms.done(f"The policy of {pacticipant} was set.", "pacticipant", pacticipant=pacticipant)


def _document(form: Form) -> dict[str, Any]:
    return {
        "mode": form.text("mode") or None,
        "lenient": form.has("lenient"),
        "incompatible": form.text("incompatible") or None,
        "evidence": form.text("evidence") or None,
        "guaranteed": form.has("guaranteed"),
        "documents": [
            {"name": name.strip(), "mode": mode or None, "lenient": lenient == _YES}
            for name, mode, lenient in _documents(form)
            if name.strip()
        ],
    }


def _documents(form: Form) -> list[tuple[str, str, str]]:
    return list(zip(form.all(_DOCUMENT), form.all(_MODE), form.all(_LENIENT), strict=False))
