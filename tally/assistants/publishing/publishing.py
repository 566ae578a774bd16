"""Publishing pacts and service contracts from files of the project."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

from tally.assistants.answers import Answer, ToolError, quoted
from tally.assistants.publishing.plans import Confirmed, check_not_blank
from tally.assistants.publishing.publication_plans import count, plan_of_documents, plan_of_pacts
from tally.assistants.sources.paths import readable, readable_file, readable_folders
from tally.assistants.sources.sources import Sources
from tally.broker_client import BrokerClient, Resource
from tally.commands.pacts import pact_files
from tally.commands.pacts.pact_files import PactFile
from tally.commands.pacts.publish import CONFLICT, PactPublication
from tally.commands.service_contracts.documents import Document, check_together, documents_of
from tally.commands.service_contracts.publish_service_contract import RELATION, ServiceContractPublication
from tally.errors import TallyError

_FROM_FILES = "Files or folders of the project; without any, those that `tally mcp` was started with."
_FROM_DOCUMENTS = "Files of the project; without any, those that `tally mcp` was started with."
_MOST_BYTES = 64 * 2**20
"""Of one pact: what is larger is not read into memory to find out what it is."""


def publish_pacts(  # noqa: PLR0913 - one for each thing that is said of a version
    sources: Sources,
    *,
    version: Annotated[str, "Version of the consumer, preferably its commit."],
    branch: Annotated[str, "Branch that the version is built from."],
    paths: Annotated[tuple[str, ...], _FROM_FILES] = (),
    build_url: Annotated[str | None, "Address of the build that recorded the pacts."] = None,
    confirm: Confirmed = None,
) -> Answer:
    """Publish pact files to the broker for a version of their consumer. Usually CI does that.

    Without confirm it answers what would be published, and which applications and versions would be new. A
    pact that the broker already has with other content for this version is refused: nothing is overwritten.
    Publishing triggers the broker's webhooks, which may start builds.
    """
    check_not_blank(version=version, branch=branch, build_url=build_url)
    pacts = _read_pacts(sources, paths)
    publication = PactPublication(version, branch, (), build_url)
    broker = sources.broker
    plan = plan_of_pacts(broker, publication, pacts)
    if not plan.is_confirmed(confirm):
        return plan.proposal("publish_pacts")
    said = [text for answer in _sent(broker, publication, pacts) for text in _notices(answer)]
    return Answer(
        f"Done: published {count(pacts, 'pact')} of version {quoted(version)}.",
        {"broker_says": said},
        next=[
            "Whether the version can be deployed: can_i_deploy, once its providers have verified the pacts."
        ],
        links=plan.links,
    )


def publish_service_contract(  # noqa: PLR0913 - one for each thing that is said of a version
    sources: Sources,
    *,
    service: Annotated[str, "The application that implements the contract."],
    version: Annotated[str, "Version of the service, preferably its commit."],
    branch: Annotated[str, "Branch that the version is built from."],
    paths: Annotated[tuple[str, ...], _FROM_DOCUMENTS] = (),
    build_url: Annotated[str | None, "Address of the build of this version."] = None,
    confirm: Confirmed = None,
) -> Answer:
    """Publish the documents of a service contract (OpenAPI, AsyncAPI, native). Usually CI does that.

    Without confirm it answers what would be published. Nothing is overwritten: the broker refuses another
    content under a name that the version has. Publishing triggers the broker's webhooks.
    """
    check_not_blank(service=service, version=version, branch=branch, build_url=build_url)
    documents = _read_documents(sources, paths)
    publication = ServiceContractPublication(service, version, branch, (), build_url)
    broker = sources.broker
    plan = plan_of_documents(broker, publication, documents)
    if not plan.is_confirmed(confirm):
        return plan.proposal("publish_service_contract")
    url = broker.index().link(RELATION).expand()
    answer = broker.post(url, publication.request(documents), accepted=[CONFLICT])
    _refuse_conflict(answer, f"the service contract of {quoted(service)} {quoted(version)}")
    return Answer(
        f"Done: published {count(documents, 'document')} of {quoted(service)} {quoted(version)}.",
        {"broker_says": _notices(answer)},
        links=plan.links,
    )


def _read_pacts(sources: Sources, paths: Sequence[str]) -> tuple[PactFile, ...]:
    files = pact_files.find(list(map(str, _paths(sources, paths, sources.files.pact_paths, "--pacts"))))
    for file in files:  # what a link in a folder leads to
        if readable(sources, "paths", str(file)).stat().st_size > _MOST_BYTES:
            raise ToolError(
                f"paths: {quoted(file)} is larger than {_MOST_BYTES // 2**20} MiB: it is no pact."
            )
    pacts = pact_files.read(files)
    pact_files.validate(pacts)
    return pact_files.join(pacts)


def _read_documents(sources: Sources, paths: Sequence[str]) -> list[Document]:
    for path in paths:  # not a folder, nor what is waited for, as a named pipe
        readable_file(sources, "paths", path)
    files = _paths(sources, paths, sources.files.contract_paths, "--contract")
    # What a document refers to is published with it.
    documents = documents_of(files, within=readable_folders(sources))
    check_together(documents)
    return documents


def _paths(sources: Sources, given: Sequence[str], known: Sequence[Path], option: str) -> list[Path]:
    if not given and not known:
        raise ToolError(f"paths: name files to publish, or start `tally mcp` with {option}.")
    return [readable(sources, "paths", path) for path in given] or [path.resolve() for path in known]


def _sent(
    broker: BrokerClient, publication: PactPublication, pacts: Sequence[PactFile]
) -> Iterator[Resource]:
    """Publish, one request for each consumer. Raises ToolError, which says what was published before."""
    url = broker.index().link("pb:publish-contracts").expand()
    done: list[str] = []
    for consumer in dict.fromkeys(pact.consumer for pact in pacts):
        own = [pact for pact in pacts if pact.consumer == consumer]
        try:
            answer = broker.post(url, publication.request(consumer, own), accepted=[CONFLICT])
            _refuse_conflict(answer, f"the pacts of {quoted(consumer)}")
        except (TallyError, ToolError) as error:
            if not done:
                raise
            raise ToolError(f"{error} Published before that: the pacts of {', '.join(done)}.") from error
        done.append(quoted(consumer))
        yield answer


def _refuse_conflict(answer: Resource, what: str) -> None:
    if answer.status == CONFLICT:
        said = " ".join(notice.text for notice in answer.notices() if notice.type == "error")
        raise ToolError(f"The broker refused {what}, and stored nothing of it: {quoted(said, 1_000)}")


def _notices(answer: Resource) -> list[str]:
    return [notice.text.strip() for notice in answer.notices()]
