"""Environments (reference §4.11)."""

from flask import Blueprint

from broker.domain.model import Environment
from broker.services import environments
from broker.web.context import links, reading
from broker.web.hal import Hal, Links, collection, resource, timestamps
from broker.web.routes import rule

blueprint = Blueprint("environments", __name__)


@blueprint.get(rule("environments"))
def index() -> Hal:
    """List the environments."""
    with reading() as storage:
        found = storage.environments.all()
    make = links()
    return collection(
        "environments",
        [represent(environment, make) for environment in found],
        links={
            "self": make.to("environments", "Environments"),
            "pb:environments": [
                make.to("environment", "Environment", item.name, uuid=item.uuid) for item in found
            ],
        },
    )


@blueprint.get(rule("environment"))
def show(uuid: str) -> Hal:
    """Show one environment."""
    with reading() as storage:
        found = environments.find(storage, uuid)
    return represent(found, links())


def represent(environment: Environment, links: Links) -> Hal:
    """Return the HAL document of an environment."""
    uuid = environment.uuid
    return resource(
        {
            "uuid": uuid,
            "name": environment.name,
            "displayName": environment.display_name,
            "production": environment.production,
            "contacts": environment.contacts,
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
