"""What deployed and released versions have in common: their views and their documents (reference §4.12)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Generic

from broker.domain.model import Environment
from broker.services.environments import deployments
from broker.services.environments.deployments import Record, RecordKind
from broker.web import pagination, parsing
from broker.web.api.pacticipants.pacticipants import embedded_pacticipant
from broker.web.content_types import MERGE_PATCH
from broker.web.context import links, now, reading, transaction
from broker.web.embedded_environment import embedded_environment
from broker.web.hal import Hal, Links, collection, resource, timestamps
from broker.web.parsing import Fields
from tally.values import dataclass

EVERYTHING = ("pacticipant", "version", "environment")
IN_ENVIRONMENT = ("pacticipant", "version")


@dataclass(frozen=True)
class RecordViews(Generic[Record]):
    """How the records of a kind are shown; *state* is what only this kind has."""

    kind: RecordKind[Record]
    rel: str
    route: str
    """Of one record; that of the lists is given to their views."""
    route_of_version: str
    title_of_version: str
    """Of the list for one version: "Deployments"."""
    route_of_current: str
    title_of_current: str
    state: Callable[[Record], Mapping[str, object]]

    def of_version(self, pacticipant: str, version: str, uuid: str) -> Hal:
        """List the records of a version in an environment."""
        place = (pacticipant, version, uuid)
        with reading() as storage:
            environment, found = deployments.of_version(storage, self.kind, place)
        title = f"{self.title_of_version} of {pacticipant} {version} to {environment.display_name}"
        itself = links().to(self.route_of_version, title, pacticipant=pacticipant, version=version, uuid=uuid)
        return self._list(found, itself, ())

    def represent_current(self, environment: Environment, found: Sequence[Record]) -> Hal:
        """Return the list of what is in an environment now."""
        title = f"{self.title_of_current} {environment.display_name}"
        return self._list(
            found, links().to(self.route_of_current, title, uuid=environment.uuid), IN_ENVIRONMENT
        )

    def show(self, uuid: str) -> Hal:
        """Show one record."""
        with reading() as storage:
            found = deployments.find(storage, self.kind, uuid)
        return self.represent(found, links())

    def change(self, uuid: str) -> Hal:
        """End a record, if the body says so."""
        fields = Fields(parsing.json_object((MERGE_PATCH,)))
        is_current = fields.boolean(self.kind.field)
        fields.done()
        with transaction() as storage:
            changed = deployments.change(storage, self.kind, uuid, is_current=is_current, now=now())
        return self.represent(changed, links())

    def represent(self, record: Record, links: Links, embed: tuple[str, ...] = EVERYTHING) -> Hal:
        """Return the HAL document; *embed* names what it embeds."""
        parts = {
            "pacticipant": embedded_pacticipant(record.pacticipant, links),
            "version": _version(record.pacticipant, record.version, links),
            "environment": embedded_environment(record.environment, links),
        }
        return resource(
            {
                "uuid": record.uuid,
                **self.state(record),
                **timestamps(record.created_at, record.updated_at),
            },
            embedded={name: parts[name] for name in embed} or None,
            links={"self": links.to(self.route, uuid=record.uuid)},
        )

    def _list(self, found: Sequence[Record], itself: Hal, embed: tuple[str, ...]) -> Hal:
        make = links()
        items = [self.represent(item, make, embed) for item in found]
        return pagination.as_asked(collection(self.rel, items, links={"self": itself}), itself["href"])


def _version(pacticipant: str, number: str, links: Links) -> Hal:
    self_link = links.to("version", "Version", number, pacticipant=pacticipant, version=number)
    return {"number": number, "_links": {"self": self_link}}
