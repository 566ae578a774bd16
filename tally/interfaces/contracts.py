"""A contract of a class with type hints: what its document says, with the class that it was made of."""

from dataclasses import field, fields, replace
from typing import Any

from tally.interfaces.declarations import Need, declared
from tally.interfaces.document import document_of_interface
from tally.interfaces.methods import Method, methods_of
from tally.service_contract.checks import check_service_contract
from tally.service_contract.model import ServiceContract
from tally.service_contract.parsing import parse_service_contract
from tally.values import dataclass


@dataclass(frozen=True)
class InterfaceContract(ServiceContract):
    """A service contract that was made of a class. *document* is what is published of it.

    *methods* are the class's, by operation id; *needs* are the interfaces that it calls, by service.
    """

    document: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    methods: dict[str, Method] = field(default_factory=dict, repr=False, compare=False)
    needs: "dict[str, InterfaceContract]" = field(default_factory=dict, repr=False, compare=False)


def contract_of(
    interface: Any, *, service: str | None = None, version: str | None = None
) -> InterfaceContract:
    """Return the contract of a class, or typing.Protocol, whose public methods have type hints.

    *service* is the name of the service: that of the class, when it is left out. Raises UsageError when a
    hint is missing or has no JSON, and InvalidContractError when an example contradicts its own hints.
    """
    contract = _contract(interface, service, version)
    needs: tuple[Need, ...] = declared(interface, "needs")
    # What these need in turn is not looked at: two interfaces may need each other.
    called = {
        need.service: _contract(need.interface, need.service) for need in needs if need.interface is not None
    }
    return replace(contract, needs=called)


def _contract(interface: Any, service: str | None, version: str | None = None) -> InterfaceContract:
    document = document_of_interface(interface, service=service, version=version)
    check_service_contract(document)
    contract = parse_service_contract(document)
    return InterfaceContract(
        **{each.name: getattr(contract, each.name) for each in fields(ServiceContract)},
        document=document,
        methods={method.name: method for method in methods_of(interface)},
    )


def as_contract(given: Any) -> ServiceContract:
    """Return *given* when it is a contract already, or the contract of an interface."""
    return given if isinstance(given, ServiceContract) else contract_of(given)
