"""Pacts from files, folders, URLs and a broker, and all contracts of a run together."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tally.errors import (
    BrokerRefusedError,
    BrokerUnreachableError,
    InvalidContractError,
    ResourceNotFoundError,
    UsageError,
)
from tally.hal import Resource
from tally.pact import Pact, load_pact, parse_pact
from tally.pact.json_fields import as_object
from tally.pact.parsing import pact_json
from verifier.contracts.cases import pact_cases
from verifier.contracts.contract import Contract, RunNotice
from verifier.options import Options
from verifier.transport.redaction import without_credentials

if TYPE_CHECKING:  # its library is slow to load, and not every run has a broker
    from tally.broker_client import BrokerClient


def load(options: Options, unreadable: list[str]) -> tuple[Contract, ...]:
    """Return every contract that *options* name: pacts first, then service contracts.

    Why one of them cannot be read, or fetched, is added to *unreadable*. Raises UsageError when there is
    none, or when one is for another provider; InvalidContractError when none can be read; BrokerError.
    """
    pacts = (*_given_pacts(options, unreadable), *_pacts_of_broker(options, unreadable))
    contracts = (*pacts, *_service_contracts(options, unreadable))
    if unreadable and not contracts:
        raise InvalidContractError("\n".join(unreadable))
    if not contracts and not options.allow_no_pacts:
        raise UsageError(
            f"The broker has no pact to verify for the provider {options.provider!r}. Check --provider "
            "and --consumer-version-selectors, and that consumers have published their pacts."
        )
    providers = sorted({contract.provider for contract in contracts})
    if len(providers) > 1:
        raise UsageError(
            f"These are contracts of several providers: {', '.join(providers)}. Choose one with --provider."
        )
    return contracts


def _readable(read: Callable[[], Contract], unreadable: list[str]) -> Iterator[Contract]:
    """Yield what *read* returns, or nothing when it is no contract: others are verified all the same."""
    try:
        yield read()
    except (InvalidContractError, BrokerRefusedError) as error:
        unreadable.append(str(error))


def _given_pacts(options: Options, unreadable: list[str]) -> Iterator[Contract]:
    for source in options.sources:
        if source.startswith(("http://", "https://")):
            found = _readable(partial(_pact_at_url, source, options.broker), unreadable)
        elif Path(source).is_dir():
            yield from _pacts_of_folder(Path(source), options, unreadable)
            continue
        else:
            found = _readable(partial(_pact_in_file, Path(source)), unreadable)
        for contract in found:
            yield _for_provider(contract, options.provider)


def _pact_in_file(path: Path) -> Contract:
    if not path.exists():
        raise InvalidContractError(f"{path}: there is no such file or folder.")
    return _pact_of(load_pact(path), str(path))


def _pacts_of_folder(folder: Path, options: Options, unreadable: list[str]) -> Iterable[Contract]:
    before = len(unreadable)
    files = sorted(folder.glob("*.json"))
    contracts = [pact for path in files for pact in _readable(partial(_pact_in_file, path), unreadable)]
    wanted = [contract for contract in contracts if options.provider in (None, contract.provider)]
    if not (wanted or options.allow_no_pacts or len(unreadable) > before):
        found = ", ".join(sorted({contract.provider for contract in contracts}))
        raise UsageError(
            f"{folder}: no pact here is for the provider {options.provider!r}; they are for {found}."
            if contracts
            else f"{folder}: there is no pact (*.json) in this folder."
        )
    return wanted


def _for_provider(contract: Contract, provider: str | None) -> Contract:
    if provider not in (None, contract.provider):
        raise UsageError(
            f"{contract.source} is a pact for the provider {contract.provider!r}, not for {provider!r} "
            "(--provider)."
        )
    return contract


def _pact_at_url(url: str, broker: "BrokerClient | None") -> Contract:
    from tally.broker_client import BrokerClient  # noqa: PLC0415 - slow to load, and not every run has a URL

    # The credentials of the broker must not be sent to another host.
    known = broker is not None and url.startswith(f"{broker.base_url}/")
    client = broker if broker and known else BrokerClient(url)
    try:
        resource = _fetched(client, without_credentials(url))
    except BrokerUnreachableError as error:
        raise InvalidContractError(
            f"The pact at {without_credentials(url)} cannot be fetched, because the host does not respond."
        ) from error
    contract = _pact_of(_parsed(resource), resource.url)
    published = any(resource.links("pb:publish-verification-results"))
    return replace(contract, resource=resource if known and published else None)


def _fetched(client: "BrokerClient", url: str) -> Resource:
    """Fetch a pact, read as in a file: other resources of a broker have no numbers that must stay exact."""
    try:
        document = as_object(pact_json(client.content(url)), "")
    except InvalidContractError as error:
        raise InvalidContractError(f"The pact at {url} {error}") from error
    except BrokerRefusedError as error:
        raise InvalidContractError(
            f"The pact at {url} cannot be fetched ({error.status}): {error}"
        ) from error
    return Resource(url, 200, document)


def _pacts_of_broker(options: Options, unreadable: list[str]) -> Iterator[Contract]:
    """Yield the pacts that the broker selects for verification (reference §6)."""
    if not (options.broker and options.asks_broker_for_pacts and options.provider):
        return
    broker = options.broker
    link = broker.index().link("pb:provider-pacts-for-verification")
    try:
        wanted = broker.post(link.expand(provider=options.provider), selection_body(options))
    except ResourceNotFoundError:
        return
    for entry in wanted.embedded("pacts"):
        read = partial(_pact_for_verification, broker, replace(wanted, state=entry))
        yield from _readable(read, unreadable)


def selection_body(options: Options) -> dict[str, Any]:
    """Return the body of the request for pacts (reference §6.1), without keys that the user did not set."""
    selection, version = options.selection, options.version
    asked = {
        "consumerVersionSelectors": list(selection.selectors),
        "includePendingStatus": selection.enable_pending,
        "includeWipPactsSince": selection.wip_since,
        "providerVersionBranch": version.branch,
        "providerVersionTags": list(version.tags),
    }
    return {name: value for name, value in asked.items() if value not in (None, [])}


def _pact_for_verification(broker: "BrokerClient", entry: Resource) -> Contract:
    resource = _fetched(broker, entry.link("self").href)
    properties = entry.state.get("verificationProperties") or {}
    notices = tuple(
        RunNotice(str(notice.get("when", "")), str(notice.get("text", "")))
        for notice in properties.get("notices", ())
    )
    contract = _pact_of(_parsed(resource), resource.url)
    pending = bool(properties.get("pending"))
    return replace(contract, pending=pending, notices=notices, resource=resource)


def _parsed(resource: Resource) -> Pact:
    try:
        return parse_pact(resource.state)
    except InvalidContractError as error:
        raise InvalidContractError(f"The pact at {resource.url} cannot be used: {error}") from error


def _pact_of(pact: Pact, source: str) -> Contract:
    return Contract(consumer=pact.consumer, provider=pact.provider, source=source, cases=pact_cases(pact))


def _service_contracts(options: Options, unreadable: list[str]) -> Iterator[Contract]:
    if not (options.service_contracts or options.service_contract_version):
        return
    from verifier.sources.service_contracts import (  # noqa: PLC0415 - slow to load, and not every run has one
        service_contract_of_file,
        service_contracts_of_broker,
    )

    for path in options.service_contracts:
        yield from _readable(partial(service_contract_of_file, Path(path), options), unreadable)
    if options.broker and options.provider and options.service_contract_version:
        try:
            yield from service_contracts_of_broker(options.broker, options.provider, options)
        except (InvalidContractError, BrokerRefusedError) as error:
            unreadable.append(str(error))
