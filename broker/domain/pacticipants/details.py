"""What belongs to pacticipants and their versions: labels, branches and tags (reference §4.2 to §4.5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from broker.domain.environments.deployment import DeployedVersion, ReleasedVersion
from broker.domain.model import Environment, Version
from broker.domain.pacts.pact import ListedPact


@dataclass(frozen=True)
class Label:
    """A word by which pacticipants are found."""

    name: str
    created_at: datetime


@dataclass(frozen=True)
class PacticipantDetails:
    """What belongs to a pacticipant; *deployed* is None where nobody looked for it."""

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
    """A version on a branch: since when."""

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
    """What a user says of a version anew: *tags* replace those that it has; None leaves them as they are."""

    build_url: str | None = None
    keeps_build_url: bool = False
    tags: tuple[str, ...] | None = None


@dataclass(frozen=True)
class VersionDetails:
    """A version with its pacts, and where it is and was."""

    version: Version
    pacts: tuple[ListedPact, ...] = ()
    deployed: tuple[DeployedVersion, ...] = ()
    released: tuple[ReleasedVersion, ...] = ()
    environments: tuple[Environment, ...] | None = None
    """Where it may go; None in lists."""
    has_service_contract: bool = False
    """Not told in lists."""
