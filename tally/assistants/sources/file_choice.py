"""Which of the pacts and service contracts in files a question is about."""

from collections.abc import Sequence
from difflib import get_close_matches

from tally.assistants.answers import ToolError, quoted
from tally.assistants.sources.files import Files, PactFile, ServiceContractFile


def pacts_of_provider(files: Files, provider: str, *, consumer: str | None = None) -> list[PactFile]:
    """Return the pacts with a provider. Raises ToolError, with a near name, when there are none."""
    pacts = files.pacts()
    if not pacts:
        raise ToolError("No pacts to answer from: start `tally mcp` with --pacts FOLDER.")
    found = [pact for pact in pacts if pact.provider == provider]
    if not found:
        raise ToolError(_unknown("pact with the provider", provider, {pact.provider for pact in pacts}))
    if consumer is None:
        return found
    of_consumer = [pact for pact in found if pact.consumer == consumer]
    if not of_consumer:
        known = {pact.consumer for pact in found}
        raise ToolError(_unknown(f"pact with {quoted(provider)} of the consumer", consumer, known))
    return of_consumer


def contracts_called(files: Files, service: str) -> list[ServiceContractFile]:
    """Return the service contracts that call themselves so."""
    return [contract for contract in files.service_contracts() if contract.service == service]


def contracts_of_service(
    files: Files, service: str, *, optional: bool = False
) -> Sequence[ServiceContractFile]:
    """Return the service contracts of a service: those that call themselves so.

    They are often called otherwise than in pacts: where all pacts are with one provider, all contracts are
    its own. Raises ToolError when it cannot be told which they are; without any, unless they are *optional*.
    """
    contracts = files.service_contracts()
    if not contracts and not optional:
        raise ToolError("No service contract to answer from: start `tally mcp` with --contract FILE.")
    if not files.pact_paths or {pact.provider for pact in files.pacts()} == {service}:
        return contracts
    named = [contract for contract in contracts if contract.service == service]
    if contracts and not named:
        raise ToolError(
            _unknown("service contract of", service, {contract.service for contract in contracts})
            + " Give the contract the title of its service, or --pacts of this provider alone."
        )
    return named


def _unknown(what: str, name: str, known: set[str]) -> str:
    names = sorted(name for name in known if name)
    near = get_close_matches(name, names, n=1)
    hint = f" Did you mean {quoted(near[0])}?" if near else ""
    there = ", ".join(map(quoted, names[:10])) or "none with a name"
    return f"There is no {what} {quoted(name)} in the files.{hint} They have {there}."
