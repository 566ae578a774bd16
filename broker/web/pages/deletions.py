"""Pages that ask before they delete: what goes with the thing is counted, and its name has to be typed."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from flask import Response

from broker.domain.deletion import TYPED, Deletion
from broker.services import deletions
from broker.services.webhooks import webhooks
from broker.web.context import reading, transaction
from broker.web.pages import forms
from broker.web.pages.forms import Form
from broker.web.pages.rendering import local, render


@dataclass(frozen=True)
class _Page:
    """The page at *route*; it goes *back* to the thing, and *then* where it is missing from."""

    route: str
    ask: Callable[..., Deletion]
    delete: Callable[..., None]
    back: str
    then: str


_PAGES = (_Page("delete-webhook", deletions.of_webhook, webhooks.delete, "webhook", "webhooks"),)


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
    return forms.done(question.said, page.then, **names)


for _page in _PAGES:
    forms.page(_page.route)(partial(_show, _page))
    forms.change(_page.route, again=partial(_show, _page))(partial(_delete, _page))
