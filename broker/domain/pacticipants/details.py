"""Labels, branches and tags of pacticipants and their versions (reference §4.2 to §4.5)."""

from collections.abc import Sequence
from datetime import datetime

from broker.domain.environments.deployment import DeployedVersion, ReleasedVersion
from broker.domain.model import Environment, Version
from broker.domain.pacts.pact import ListedPact
from tally.values import dataclass


@dataclass(frozen=True)
class Label:
    """A word on a pacticipant, by which it can be found."""

    name: str
    created_at: datetime


@dataclass(frozen=True)
class PacticipantDetails:
    """More about a pacticipant; *deployed* is None when it was not looked up."""

    latest: Version | None = None
    labels: tuple[str, ...] = ()
    deployed: Sequence[DeployedVersion] | None = None


@dataclass(frozen=True)
class Branch:
    """A branch of a pacticipant; *updated_at* is when a version was added last."""

    name: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class BranchVersion:
    """Since when a version is on a branch."""

    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Tag:
    """A tag of a version."""

    name: str
    created_at: datetime


@dataclass(frozen=True)
class LatestTag:
    """A tag of a version; *latest* when no later version has it."""

    name: str
    latest: bool


@dataclass(frozen=True)
class VersionChange:
    """A change of a version: *tags* replace those that it has; None leaves them as they are."""

    build_url: str | None = None
    keeps_build_url: bool = False
    tags: tuple[str, ...] | None = None


@dataclass(frozen=True)
class VersionDetails:
    """A version with its pacts, deployments and releases."""

    version: Version
    pacts: tuple[ListedPact, ...] = ()
    deployed: tuple[DeployedVersion, ...] = ()
    released: tuple[ReleasedVersion, ...] = ()
    environments: tuple[Environment, ...] | None = None
    """Where it can be deployed or released; None in lists."""
    has_service_contract: bool = False
    """Always False in lists, where it is not looked up."""
