from dataclasses import dataclass
from typing import Any

import pytest
from support import shop

from tally.service_contract.parsing import parse_service_contract
from tally.workflows.binding import BoundDocument, bound_operations
from tally.workflows.model import CircuitLimits
from tally.workflows.reading import read_workflows
from verifier.provider.provider import ProviderClient
from verifier.provider.states import StateChanger
from verifier.transport.http import HttpTransport
from verifier.workflows.circuit import Circuit
from verifier.workflows.means import Means
from verifier.workflows.running import execute
from verifier.workflows.services import Service

CONTRACTS = {
    "orders": parse_service_contract(shop.ORDERS),
    "payments": parse_service_contract(shop.PAYMENTS),
}


@dataclass
class Shop:
    """Executes workflows against the services of the shop."""

    orders: shop.RoutedService
    payments: shop.RoutedService
    states: StateChanger | None = None

    def bound(self, document: dict[str, Any]) -> BoundDocument:
        read = read_workflows(document)
        contracts = {source.name: CONTRACTS[source.name] for source in read.sources}
        return BoundDocument(read, bound_operations(read, contracts), name="shop.yaml")

    def execute(self, document: dict[str, Any], inputs: dict[str, Any] | None = None, **means: Any) -> Any:
        """Return the result of the first workflow, and that of its clean-up."""
        bound = self.bound(document)
        transport = HttpTransport(timeout=5)
        services = {
            source.name: self.service(source.name, transport, bound.document.circuit)
            for source in bound.document.sources
        }
        known = Means(**{"services": services, **means})
        try:
            return execute(bound, bound.document.workflows[0], known, inputs or {})
        finally:
            transport.close()

    def service(self, name: str, transport: HttpTransport, limits: CircuitLimits) -> Service:
        client = ProviderClient(base_url=getattr(self, name).url, transport=transport)
        return Service(name, client, Circuit(name, limits), self.states)


@pytest.fixture
def services():
    """The services of the shop; `services.execute(document)` executes its first workflow."""
    with shop.serving(shop.orders_routes()) as orders, shop.serving(shop.payments_routes()) as payments:
        yield Shop(orders, payments)
