"""Which versions are in which environments: deployments and releases (Pact Broker reference §9)."""

from datetime import datetime

from broker.domain.model import Environment
from tally.values import dataclass


@dataclass(frozen=True)
class EnvironmentProtection:
    """Who may deploy to an environment, as a user says; None leaves it as it is.

    *deployers* are names of teams.
    """

    protected: bool | None = None
    deployers: tuple[str, ...] | None = None
    requires_can_i_deploy: bool | None = None


UNCHANGED = EnvironmentProtection()


@dataclass(frozen=True)
class EnvironmentDescription:
    """An environment as a user describes it. *contacts* is JSON: a list of {name, details}."""

    name: str
    display_name: str
    production: bool
    contacts: bytes | None = None
    protection: EnvironmentProtection = UNCHANGED


@dataclass(frozen=True)
class DeployedVersion:
    """A version that is or was deployed to an environment.

    Only one version of an application is deployed to an environment at a time, or one for each
    *application_instance*; None is an instance like any other.
    """

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
        """Whether it was neither replaced by another version nor undeployed."""
        return self.undeployed_at is None


@dataclass(frozen=True)
class ReleasedVersion:
    """A version that was released to an environment, where users may have it until its support ends."""

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
