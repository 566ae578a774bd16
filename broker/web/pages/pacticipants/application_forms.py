"""The form of an application: its display name, its repository, its main branch, its labels."""

from flask import Response

from broker.domain import limits
from broker.domain.accounts.permissions import Action
from broker.domain.errors import ValidationError
from broker.domain.text_rules import broken_rule
from broker.services.pacticipants import labels, pacticipants
from broker.web.api.pacticipants.pacticipants import parse
from broker.web.context import now, reading, transaction
from broker.web.description.needs import Needs
from broker.web.pages import forms
from broker.web.pages.forms import Form
from broker.web.pages.rendering import local, render

_FIELDS = ("displayName", "mainBranch", "repositoryUrl", "repositoryName", "repositoryNamespace")
_LABELS = "labels"
MOST_LABELS = 100


@forms.page("edit-pacticipant", needs=Needs(Action.PUBLISH, "pacticipant"))
def edit(form: Form, pacticipant: str) -> Response:
    """Show the form of an application."""
    with reading() as storage:
        found = pacticipants.find(storage, pacticipant)
        has = labels.of(storage, pacticipant)
    begun = form.begun_with(
        displayName=found.display_name,
        mainBranch=found.main_branch,
        repositoryUrl=found.repository_url,
        repositoryName=found.repository_name,
        repositoryNamespace=found.repository_namespace,
        labels="\n".join(has),
    )
    return render(
        "application_form.html",
        form=begun,
        name=found.name,
        action=local("edit-pacticipant", pacticipant=pacticipant),
    )


@forms.change("edit-pacticipant", again=edit)
def change(form: Form, pacticipant: str) -> Response:
    """Describe an application anew."""
    wanted = [line.strip() for line in form.text(_LABELS).split("\n") if line.strip()]
    if errors := _wrong_labels(wanted):
        raise ValidationError({_LABELS: errors})
    description = parse(pacticipant, {name: form.text(name).strip() or None for name in _FIELDS})
    with transaction() as storage:
        pacticipants.describe(storage, pacticipant, description, now())
        labels.keep_only(storage, pacticipant, wanted, now())
    return forms.done(f"The application {pacticipant} was changed.", "pacticipant", pacticipant=pacticipant)


def _wrong_labels(wanted: list[str]) -> list[str]:
    if len(wanted) > MOST_LABELS:
        return [f"cannot have more than {MOST_LABELS} lines (it has {len(wanted)})"]
    broken = (
        (label, broken_rule(label, limit=limits.NAME, required=True, blank=False, lines=False, spaces=True))
        for label in wanted
    )
    return [f"'{label[:40]}' {message}" for label, message in broken if message is not None]
