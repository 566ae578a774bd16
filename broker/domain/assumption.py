"""What the rehearsal of an import takes for there, because the import itself would have stored it before."""

from tally.values import dataclass


@dataclass(frozen=True)
class AssumedPact:
    """A content that a consumer version would have published, by its hash."""

    consumer: str
    version: str
    provider: str
    sha: str


@dataclass(frozen=True)
class Assumption:
    """Names of pacticipants; versions, each with its pacticipant; environments, each with its uuid; pacts."""

    pacticipants: tuple[str, ...] = ()
    versions: tuple[tuple[str, str], ...] = ()
    environments: tuple[tuple[str, str], ...] = ()
    pacts: tuple[AssumedPact, ...] = ()
