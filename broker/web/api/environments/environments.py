"""Environments (reference §4.11)."""

from collections.abc import Mapping, Sequence

import orjson
from flask import Response, request

from broker.domain import limits
from broker.domain.accounts.permissions import Action
from broker.domain.environments.deployment import EnvironmentDescription, EnvironmentProtection
from broker.domain.model import Environment
from broker.domain.names import display_name
from broker.services.environments import environments
from broker.web import pagination, parsing
from broker.web.context import known_accounts, links, now, reading, transaction
from broker.web.description.needs import Needs
from broker.web.description.operation import QueryParameter
from broker.web.hal import Hal, Links, collection, resource, timestamps
from broker.web.parsing import Fields
from broker.web.resource import ApiResource
from broker.web.responses import created
from tally.hashing import compact_json

api = ApiResource("environments", __name__)
api.relation(
    "pb:environments",
    "The environments that versions are deployed or released to.",
    "environments",
    title="Environments",
)
api.relation("pb:environment", "An environment.", "environment", title="Environment")
Deployers = Mapping[int, tuple[str, ...]] | None
"""The names of the teams that each environment lists, by its id."""


@api.get(
    "environments", answers="Environments", query=(QueryParameter("name", "Name of the environment to list"),)
)
def index() -> Hal:
    """List the environments, or the one with a name."""
    name = request.args.get("name")
    with reading() as storage:
        found = environments.named(storage, name)
        teams = environments.deployers(storage, found, has_accounts=known_accounts().any())
    return represent_all(found, links(), teams)


@api.post(
    "environments",
    answers="Environment",
    statuses=(201,),
    takes="EnvironmentDescription",
    needs=Needs(Action.ADMINISTER),
)
def create() -> Response:
    """Add an environment."""
    description = parse(Fields(parsing.json_object()))
    with transaction() as storage:
        added = environments.create(storage, description, now())
        teams = environments.deployers(storage, [added], has_accounts=known_accounts().any())
    make = links()
    return created(represent(added, make, teams), make.href("environment", uuid=added.uuid))


@api.get("environment", answers="Environment")
def show(uuid: str) -> Hal:
    """Show one environment."""
    with reading() as storage:
        found = environments.find(storage, uuid)
        teams = environments.deployers(storage, [found], has_accounts=known_accounts().any())
    return represent(found, links(), teams)


@api.put("environment", answers="Environment", takes="EnvironmentDescription", needs=Needs(Action.ADMINISTER))
def replace(uuid: str) -> Hal:
    """Replace the description of an environment; fields that the body leaves out are removed.

    Not so `protected`, `deployers` and `requiresCanIDeploy`, of which clients of Pact Brokers know nothing:
    they stay.
    """
    description = parse(Fields(parsing.json_object()))
    with transaction() as storage:
        replaced = environments.replace(storage, uuid, description, now())
        teams = environments.deployers(storage, [replaced], has_accounts=known_accounts().any())
    return represent(replaced, links(), teams)


@api.delete("environment", needs=Needs(Action.ADMINISTER))
def delete(uuid: str) -> tuple[str, int]:
    """Remove an environment, with its deployments and releases."""
    with transaction() as storage:
        environments.delete(storage, uuid, now())
    return "", 204


def parse(fields: Fields) -> EnvironmentDescription:
    """Return what the fields say. Raises ValidationError."""
    name = fields.text("name", limit=limits.NAME, required=True, spaces=False) or ""
    shown = fields.text("displayName")
    production = fields.boolean("production", required=True)
    contacts = _contacts(fields)
    protection = EnvironmentProtection(
        fields.boolean("protected"),
        fields.texts("deployers", limit=limits.NAME, most=limits.DEPLOYERS),
        fields.boolean("requiresCanIDeploy"),
    )
    fields.done()
    return EnvironmentDescription(name, shown or display_name(name), bool(production), contacts, protection)


def _contacts(fields: Fields) -> bytes | None:
    items = fields.objects("contacts", most=limits.CONTACTS)
    if items is None:
        return None
    contacts = []
    for item in items:
        contact = {
            "name": item.text("name", limit=limits.NAME, required=True),
            "details": item.anything("details"),
        }
        item.json("details", limit=limits.DETAILS)
        if not isinstance(contact["details"], dict | None):
            item.refuse("details", "must be a hash")
        contacts.append({key: value for key, value in contact.items() if value is not None})
    return compact_json(contacts)


def represent_all(found: Sequence[Environment], links: Links, deployers: Deployers) -> Hal:
    """Return the collection."""
    document = collection(
        "environments",
        [represent(environment, links, deployers) for environment in found],
        links={
            "self": links.to("environments", "Environments"),
            "pb:environments": [
                links.to("environment", "Environment", item.name, uuid=item.uuid) for item in found
            ],
        },
    )
    return pagination.as_asked(document, links.href("environments"))


def represent(environment: Environment, links: Links, deployers: Deployers) -> Hal:
    """Return the HAL document of an environment; *deployers* are names of teams, by its id."""
    uuid = environment.uuid
    return resource(
        {
            "uuid": uuid,
            "name": environment.name,
            "displayName": environment.display_name,
            "production": environment.production,
            "contacts": orjson.Fragment(environment.contacts) if environment.contacts else None,
            **_protection(environment, deployers),
            **timestamps(environment.created_at, environment.updated_at),
        },
        links={
            "self": links.to("environment", "Environment", environment.name, uuid=uuid),
            "pb:currently-deployed-deployed-versions": links.to(
                "currently-deployed-versions", f"Versions deployed to {environment.display_name}", uuid=uuid
            ),
            "pb:currently-supported-released-versions": links.to(
                "currently-supported-versions", f"Versions released to {environment.display_name}", uuid=uuid
            ),
            "pb:environments": links.to("environments", "Environments"),
        },
    )


def _protection(environment: Environment, deployers: Deployers) -> Hal:
    if deployers is None:  # what was never said is not shown: so it is in a broker without accounts
        return {
            "protected": environment.protected,
            "requiresCanIDeploy": environment.requires_can_i_deploy,
        }
    return {
        "protected": environment.is_protected,
        "deployers": list(deployers[environment.id]),
        "requiresCanIDeploy": bool(environment.requires_can_i_deploy),
    }
