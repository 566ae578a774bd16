"""Which service contract a question is about: a file, a text, or one that the broker or --contract has."""

from collections.abc import Mapping

from tally.assistants.answers import ToolError, quoted
from tally.assistants.service_contracts.broker_contracts import ContractAtBroker, Service, without_contract
from tally.assistants.sources.file_choice import contracts_of_service
from tally.assistants.sources.given import Given, content, given
from tally.assistants.sources.sources import Sources
from tally.values import dataclass


@dataclass(frozen=True)
class ContractChoice:
    """What the arguments say: the *text* or the path of a contract, or which one the broker has.

    *parameters* are the names of the arguments for *text*, *version* and *service*.
    """

    parameters: tuple[str, str, str]
    service: str | None = None
    text: str | None = None
    version: str | None = None
    environment: str | None = None
    newest_of_main: bool = False


@dataclass(frozen=True)
class ChosenContract:
    """A service contract: its *documents* by name. Sentences call it *name*; *version* is the broker's."""

    name: str
    documents: Mapping[str, Given]
    version: str | None = None
    url: str | None = None


def chosen_contracts(sources: Sources, choice: ContractChoice) -> list[ChosenContract]:
    """Return the service contracts that are meant: one, or several of what is in an environment.

    Raises ToolError or UsageError, which says what to give.
    """
    parameter, of_version, of_service = choice.parameters
    said = [
        name for name, value in ((parameter, choice.text), (of_version, choice.version)) if value is not None
    ]
    said += ["environment"] if choice.environment is not None and choice.text is None else []
    if len(said) > 1:
        raise ToolError(f"Give one of {' and '.join(said)}: each says which service contract is meant.")
    if choice.text is not None:
        document = given(sources, parameter, choice.text)
        return [ChosenContract(document["name"], {document["name"]: document})]
    if choice.service is None:
        raise ToolError(f"Which service contract? Give {parameter}, a path or a text, or {of_service}.")
    if sources.asked is None:
        return [_of_files(sources, choice, choice.service)]
    service = Service(sources.asked, choice.service, (of_service, of_version))
    return [_named(choice.service, each) for each in _at_broker(service, choice)]


def _of_files(sources: Sources, choice: ContractChoice, service: str) -> ChosenContract:
    if choice.version is not None or choice.environment is not None or choice.newest_of_main:
        raise ToolError(
            f"{choice.parameters[1]}, environment: versions are at a broker. Start `tally mcp` with "
            f"--broker-base-url, or give {choice.parameters[0]}, a path or a text."
        )
    found = contracts_of_service(sources.files, service)
    name = " and ".join(str(each.path) for each in found)
    return ChosenContract(name, {str(each.path): content(str(each.path), each.document) for each in found})


def _at_broker(service: Service, choice: ContractChoice) -> list[ContractAtBroker]:
    if choice.version is not None:
        return [service.contract_of(choice.version)]
    if choice.environment is not None:
        return service.contracts_in(choice.environment)
    branch = service.main_branch() if choice.newest_of_main else None
    found = service.newest_contract(branch=branch)
    if found is None:
        where = f", branch {quoted(branch)}" if branch else ""
        raise ToolError(without_contract(f"{quoted(service.name)}{where}"))
    return [found]


def _named(service: str, found: ContractAtBroker) -> ChosenContract:
    documents = {
        name: content(f"{service} {found.version}: {name}", document)
        for name, document in found.documents.items()
    }
    return ChosenContract(f"{service} {found.version}", documents, found.version, found.url)
