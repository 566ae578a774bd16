"""What the documents of deployed and of released versions have in common (reference §4.12)."""

from collections.abc import Mapping

from broker.domain.environments.deployment import DeployedVersion, ReleasedVersion
from broker.web.api.environments import environments
from broker.web.api.pacticipants.pacticipants import embedded_pacticipant
from broker.web.hal import Hal, Links, resource, timestamps

EVERYTHING = ("pacticipant", "version", "environment")
IN_ENVIRONMENT = ("pacticipant", "version")


def represent(
    record: DeployedVersion | ReleasedVersion,
    state: Mapping[str, object],
    itself: Hal,
    links: Links,
    embed: tuple[str, ...],
) -> Hal:
    """Return the HAL document of a record: *state* is what only its kind has, *embed* what it embeds."""
    parts = {
        "pacticipant": embedded_pacticipant(record.pacticipant, links),
        "version": _version(record.pacticipant, record.version, links),
        "environment": environments.embedded(record.environment, links),
    }
    return resource(
        {"uuid": record.uuid, **state, **timestamps(record.created_at, record.updated_at)},
        embedded={name: parts[name] for name in embed} or None,
        links={"self": itself},
    )


def _version(pacticipant: str, number: str, links: Links) -> Hal:
    self_link = links.to("version", "Version", number, pacticipant=pacticipant, version=number)
    return {"number": number, "_links": {"self": self_link}}
