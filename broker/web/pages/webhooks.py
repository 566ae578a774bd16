"""Pages of the webhooks."""

from flask import Response

from broker.services.webhooks import status
from broker.web.context import may_write, reading, settings
from broker.web.pages.page import blueprint
from broker.web.pages.rendering import render
from broker.web.routes import rule


@blueprint.get(rule("webhooks"))
def webhooks() -> Response:
    """Show what others are told, and whether it arrives."""
    with reading() as storage:
        found = status.all_webhooks(storage)
    return render("webhooks.html", webhooks=found)


@blueprint.get(rule("webhook"))
def webhook(uuid: str) -> Response:
    """Show a webhook and what it sent last."""
    with reading() as storage:
        found = status.one_webhook(storage, uuid, settings(), for_reader=not may_write())
    return render("webhook.html", **vars(found))
