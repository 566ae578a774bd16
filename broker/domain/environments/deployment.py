"""What is where: deployments and releases (Pact Broker reference §9)."""

from dataclasses import dataclass
from datetime import datetime

from broker.domain.model import Environment


@dataclass(frozen=True)
class EnvironmentDescription:
    """What a user says about an environment. *contacts* is JSON: a list of {name, details}."""

    name: str
    display_name: str
    production: bool
    contacts: bytes | None = None


@dataclass(frozen=True)
class DeployedVersion:
    """A version in a slot: an application, an environment and an instance, where None is "no instance"."""

    uuid: str
    pacticipant: str
    version: str
    environment: Environment
    application_instance: str | None
    created_at: datetime
    updated_at: datetime
    undeployed_at: datetime | None

    @property
    def currently_deployed(self) -> bool:
        """Whether no other version took its place, and it was not taken away."""
        return self.undeployed_at is None


@dataclass(frozen=True)
class ReleasedVersion:
    """A version that users of an environment may have installed, as long as it is supported."""

    uuid: str
    pacticipant: str
    version: str
    environment: Environment
    created_at: datetime
    updated_at: datetime
    support_ended_at: datetime | None

    @property
    def currently_supported(self) -> bool:
        """Whether support has not ended."""
        return self.support_ended_at is None
