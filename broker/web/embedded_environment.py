"""An environment as other documents embed it (reference §3)."""

from broker.domain.model import Environment
from broker.web.hal import Hal, Links, timestamps


def embedded_environment(environment: Environment, links: Links) -> Hal:
    """Return what other documents say of an environment."""
    return {
        "uuid": environment.uuid,
        "name": environment.name,
        "displayName": environment.display_name,
        "production": environment.production,
        **timestamps(environment.created_at, environment.updated_at),
        "_links": {"self": links.to("environment", "Environment", environment.name, uuid=environment.uuid)},
    }
