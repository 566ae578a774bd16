"""Read the audit log of a broker, with all that is needed to verify it."""

from collections.abc import Iterator

from tally.audit.sealed import Sealed, from_document
from tally.broker_client import BrokerClient, Resource
from tally.errors import BrokerError

SEALS = "tally:audit-seals"


def seals_of(broker: BrokerClient) -> Iterator[Sealed]:
    """Yield the seals with their entries, oldest first. Raises BrokerError, InvalidExportError."""
    page: Resource | None = broker.get(broker.index().link(SEALS).expand())
    last = 0
    while page and (items := page.embedded("seals")):
        for item in items:
            seal = {name: value for name, value in item.items() if name != "entries"}
            sealed = from_document(seal, item.get("entries") or [])
            if sealed.number <= last:
                raise BrokerError(f"{page.url} has the seal {sealed.number} again: its list has no end.")
            last = sealed.number
            yield sealed
        page = page_after(broker, page)


def page_after(broker: BrokerClient, page: Resource) -> Resource | None:
    """Return the next page of a list, None after the last one. Raises BrokerError."""
    link = next(page.links("next"), None)
    return broker.get(link.href) if link else None
