"""What a draft is made of: the operation or the interaction that was named, from files or the broker."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

from tally.assistants.answers import ToolError, quoted
from tally.assistants.pacts.pacts import pact_of
from tally.assistants.service_contracts.broker_contracts import Service, without_contract
from tally.assistants.sources.sources import Sources
from tally.broker_client import BrokerClient
from tally.pact import HttpInteraction, Interaction, Pact, parse_pact
from tally.service_contract.model import HttpOperation, ServiceContract
from tally.service_contract.parsing import parse_service_contract

_NEAR = 3
_SHOWN = 8
_PARAMETER = re.compile(r"\{[^{}]*\}")


def find_operation(sources: Sources, named: str, provider: str | None) -> tuple[HttpOperation, str]:
    """Return the operation of that id or title ("GET /orders/{id}"), and the name of its service.

    Raises ToolError, with the operations that are near, when there is none, or more than one.
    """
    contracts = _contracts(sources, provider)
    found = [
        (operation, provider or service)
        for service, contract in contracts
        for operation in contract.http_operations
        if _is_named(operation, named)
    ]
    if not found:
        known = [each.title for _, contract in contracts for each in contract.http_operations]
        _unknown("operation", named, known, "operation over HTTP")
    if len({service for _, service in found}) > 1:
        services = ", ".join(sorted({quoted(service) for _, service in found}))
        raise ToolError(
            f"operation: several services have {quoted(named)}: one is meant, as provider: {services}."
        )
    operation, service = found[0]
    if not service:
        raise ToolError("provider is missing: the service contract does not name its service.")
    return operation, service


def find_interaction(
    sources: Sources, description: str, consumer: str | None, provider: str | None
) -> tuple[Interaction, Pact, str]:
    """Return the interaction of that description, its pact, and what a person has to know of the choice.

    Raises ToolError, with the descriptions that are near, when there is none, or several pacts have it.
    """
    pacts = _pacts(sources, consumer, provider)
    found = [
        (each, pact)
        for pact in pacts
        for each in pact.interactions
        if each.description.casefold() == description.casefold()
    ]
    if not found:
        known = [each.description for pact in pacts for each in pact.interactions]
        _unknown("interaction", description, known, "interaction")
    pairs = dict.fromkeys((pact.consumer, pact.provider) for _, pact in found)
    if len(pairs) > 1:
        shown = ", ".join(f"{quoted(one)} with {quoted(other)}" for one, other in list(pairs)[:_SHOWN])
        raise ToolError(f"interaction: several pacts have it: name consumer and provider: {shown}.")
    exact = [each for each in found if isinstance(each[0], HttpInteraction)] or found
    interaction, pact = exact[0]
    others = f"The pact has {len(found)} interactions of this description; the first one is drafted."
    return interaction, pact, others if len(found) > 1 else ""


def _is_named(operation: HttpOperation, named: str) -> bool:
    if operation.id == named.strip():
        return True
    method, _, path = named.strip().partition(" ")
    paths = {operation.path, operation.base_path.rstrip("/") + operation.path}
    wanted = _PARAMETER.sub("{}", path.strip())
    return method.upper() == operation.method and wanted in {_PARAMETER.sub("{}", each) for each in paths}


def _contracts(sources: Sources, provider: str | None) -> list[tuple[str, ServiceContract]]:
    """Return the service contracts by the name of their service: those of the files, or the broker's."""
    files = sources.files.service_contracts() if sources.files.contract_paths else []
    named = [(each.service, each.contract) for each in files]
    if provider:
        named = [each for each in named if each[0].casefold() in {provider.casefold(), ""}] or (
            named if len(named) == 1 and sources.asked is None else []
        )
    if named:
        return named
    if files and sources.asked is None:
        _unknown("provider", provider or "", [each.service for each in files], "service contract of")
    broker = sources.broker
    if not provider:
        raise ToolError("provider is missing: the service whose contract has the operation.")
    newest = Service(broker, provider, ("provider", "provider")).newest_contract()
    if newest is None:
        raise ToolError(f"provider: {without_contract(quoted(provider))}")
    return [(provider, parse_service_contract(each)) for each in newest.documents.values()]


def _pacts(sources: Sources, consumer: str | None, provider: str | None) -> list[Pact]:
    files = [each.pact for each in sources.files.pacts()] if sources.files.pact_paths else []
    found = [pact for pact in files if _is_between(pact.consumer, pact.provider, consumer, provider)]
    if found or (files and sources.asked is None):
        return found or _no_pact([(pact.consumer, pact.provider) for pact in files], consumer, provider)
    return [_pact_of_broker(sources.broker, consumer, provider)]


def _pact_of_broker(broker: BrokerClient, consumer: str | None, provider: str | None) -> Pact:
    if consumer is None or provider is None:
        listed = broker.follow(broker.index(), "pb:latest-pact-versions").state.get("pacts") or ()
        known = list(dict.fromkeys(map(_names_of, listed)))
        found = [pair for pair in known if _is_between(*pair, consumer, provider)]
        if len(found) != 1:
            _no_pact(found or known, consumer, provider, several=bool(found))
        consumer, provider = found[0]
    return parse_pact(pact_of(broker, consumer, provider, None, "consumer").state)


def _names_of(item: Mapping[str, Any]) -> tuple[str, str]:
    embedded = item["_embedded"]
    return embedded["consumer"]["name"], embedded["provider"]["name"]


def _is_between(one: str, other: str, consumer: str | None, provider: str | None) -> bool:
    return consumer in {None, one} and provider in {None, other}


def _no_pact(
    known: Sequence[tuple[str, str]], consumer: str | None, provider: str | None, *, several: bool = False
) -> NoReturn:
    shown = ", ".join(f"{quoted(one)} with {quoted(other)}" for one, other in known[:_SHOWN])
    more = f", and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    if several:
        raise ToolError(f"consumer, provider: name both: there are pacts of {shown}{more}.")
    wanted = " with ".join(quoted(name) for name in (consumer, provider) if name)
    raise ToolError(f"There is no pact of {wanted or 'anybody'}. There are: {shown or 'none yet'}{more}.")


def _unknown(parameter: str, named: str, known: Iterable[str], what: str) -> NoReturn:
    there = [name for name in dict.fromkeys(known) if name]
    near = difflib.get_close_matches(named, there, n=_NEAR, cutoff=0.5)
    hint = f"Did you mean {', '.join(map(quoted, near))}?"
    if not near:
        more = f", and {len(there) - _SHOWN} more" if len(there) > _SHOWN else ""
        hint = f"There are: {', '.join(map(quoted, there[:_SHOWN])) or 'none'}{more}."
    raise ToolError(f"{parameter}: there is no {what} {quoted(named)}. {hint}")
