"""Pages that ask before they delete: what goes with the thing is counted, and its name has to be typed."""

from collections.abc import Callable
from functools import partial

from flask import Response

from broker.domain.accounts.permissions import Action
from broker.domain.deletion import TYPED, Deletion
from broker.services import deletions
from broker.services.environments import environments
from broker.services.pacticipants import branches, integrations, pacticipants, versions
from broker.services.pacts import pacts
from broker.services.webhooks import secrets, webhooks
from broker.web.context import now, reading, transaction
from broker.web.description.needs import Needs
from broker.web.pages import forms
from broker.web.pages.forms import Form
from broker.web.pages.rendering import local, render
from tally.values import dataclass


@dataclass(frozen=True)
class _Page:
    """The page at *route*; it goes *back* to the thing, and *then* where it is missing from."""

    route: str
    ask: Callable[..., Deletion]
    delete: Callable[..., object]
    back: str
    then: str
    needs: Needs


_HOOKS = Needs(Action.WEBHOOKS)
_PAGES = (
    _Page(
        "delete-pacticipant",
        deletions.of_pacticipant,
        lambda storage, pacticipant: pacticipants.delete(storage, pacticipant, now()),
        "pacticipant",
        "index",
        Needs(Action.DELETE_PACTICIPANT, "pacticipant"),
    ),
    _Page(
        "delete-version",
        deletions.of_version,
        lambda storage, pacticipant, version: versions.delete(storage, pacticipant, version, now()),
        "version",
        "pacticipant",
        Needs(Action.DELETE, "pacticipant"),
    ),
    _Page(
        "delete-branch",
        deletions.of_branch,
        lambda storage, pacticipant, branch: branches.delete(storage, pacticipant, branch, now()),
        "pacticipant",
        "pacticipant",
        Needs(Action.DELETE, "pacticipant"),
    ),
    _Page(
        "delete-pact",
        deletions.of_pact,
        lambda storage, provider, consumer, consumer_version: pacts.delete(
            storage, provider, consumer, consumer_version, now=now()
        ),
        "pact",
        "pacticipant",
        Needs(Action.DELETE, "consumer"),
    ),
    _Page(
        "delete-integration",
        deletions.of_integration,
        lambda storage, provider, consumer: integrations.delete(storage, provider, consumer, now()),
        "latest-pact",
        "index",
        Needs(Action.DELETE_PACTICIPANT, "consumer", "provider"),
    ),
    _Page(
        "delete-environment",
        deletions.of_environment,
        lambda storage, uuid: environments.delete(storage, uuid, now()),
        "environment",
        "environments",
        Needs(Action.ADMINISTER),
    ),
    _Page(
        "delete-webhook", deletions.of_webhook, webhooks.delete, "webhook", "webhooks", Needs(Action.WEBHOOKS)
    ),
    _Page("delete-secret", deletions.of_secret, secrets.delete, "secrets", "secrets", _HOOKS),
)


def _show(page: _Page, form: Form, **names: str) -> Response:
    with reading() as storage:
        question = page.ask(storage, **names)
    return render(
        "delete.html",
        form=form,
        question=question,
        action=local(page.route, **names),
        back=local(page.back, **names),
    )


def _delete(page: _Page, form: Form, **names: str) -> Response:
    with transaction() as storage:
        question = page.ask(storage, **names)
        question.check_typed(form.text(TYPED))
        page.delete(storage, **names)
    return forms.done(question.said, page.then, **{"pacticipant": names.get("consumer", ""), **names})


for _page in _PAGES:
    forms.page(_page.route, needs=_page.needs)(partial(_show, _page))
    forms.change(_page.route, again=partial(_show, _page))(partial(_delete, _page))
