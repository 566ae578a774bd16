"""Secrets that webhooks use by name; their values go in and never come out."""

import re

from broker.domain import limits
from broker.domain.accounts.permissions import Action
from broker.domain.errors import ValidationError
from broker.domain.webhooks.secret import NewSecret, Secret
from broker.domain.webhooks.secret_use import LONGEST_HOST, broken_host
from broker.services.webhooks import secrets
from broker.web import parsing
from broker.web.context import links, now, reading, settings, transaction
from broker.web.description.needs import Needs
from broker.web.hal import Hal, Links, collection, resource, timestamps
from broker.web.parsing import Fields
from broker.web.resource import ApiResource

api = ApiResource("secrets", __name__)
api.relation(
    "tally:secrets",
    "The secrets that webhooks refer to by name.",
    "secrets",
    title="Secrets that webhooks use by name",
)
api.relation(
    "tally:secret",
    "A secret. PUT stores its value, which cannot be read again.",
    "secret",
    title="A secret that webhooks use by name",
)
_NAME = re.compile(r"[A-Za-z0-9_.-]+\Z")


@api.get("secrets", answers="Secrets")
def index() -> Hal:
    """List the secrets, without their values."""
    with reading() as storage:
        found = secrets.every(storage)
    make = links()
    items = [represent(secret, make) for secret in found]
    return collection("secrets", items, links={"self": make.to("secrets", "Secrets")})


@api.get("secret", answers="Secret")
def show(secret: str) -> Hal:
    """Show a secret, without its value."""
    with reading() as storage:
        shown = secrets.find(storage, secret)
    return represent(shown, links())


@api.put("secret", answers="Secret", statuses=(200, 201), takes="NewSecret", needs=Needs(Action.WEBHOOKS))
def put(secret: str) -> tuple[Hal, int]:
    """Store a secret, or replace it; its `team` and `hosts` stay as far as the body leaves them out."""
    new = parse(secret, Fields(parsing.json_object()))
    with transaction() as storage:
        stored, is_new = secrets.put(storage, new, settings(), now())
    return represent(stored, links()), 201 if is_new else 200


def parse(name: str, fields: Fields) -> NewSecret:
    """Return a secret. Raises ValidationError."""
    value = fields.text("value", limit=limits.SECRET, required=True, lines=True)
    description = fields.text("description", blank=True)
    belonging, hosts = fields.belonging(), _hosts(fields)
    fields.done()
    if not _NAME.match(name):
        raise ValidationError({"name": ["may have letters, digits, '_', '-' and '.'"]})
    return NewSecret(name, description or None, value or "", belonging, hosts)


def _hosts(fields: Fields) -> tuple[str, ...] | None:
    given = fields.texts("hosts", limit=LONGEST_HOST, most=limits.HOSTS)
    if given is None:
        return None
    hosts = tuple(dict.fromkeys(host.lower() for host in given))
    for host in hosts:
        if message := broken_host(host):
            fields.refuse("hosts", message)
    return hosts


@api.delete("secret", needs=Needs(Action.WEBHOOKS))
def delete(secret: str) -> tuple[str, int]:
    """Remove a secret; webhooks that use it fail from now on."""
    with transaction() as storage:
        secrets.delete(storage, secret)
    return "", 204


def represent(secret: Secret, links: Links) -> Hal:
    """Return the HAL document of a secret."""
    return resource(
        {
            "name": secret.name,
            "description": secret.description,
            "team": secret.team,
            "hosts": None if secret.hosts is None else list(secret.hosts),
            **timestamps(secret.created_at, secret.updated_at),
        },
        links={
            "self": links.to("secret", "Secret", secret.name, secret=secret.name),
            "tally:secrets": links.to("secrets", "Secrets"),
        },
    )
