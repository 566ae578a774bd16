"""`tally publish-service-contract`: send the contract of a service, with the version that implements it."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from tally.broker_client import BrokerClient
from tally.commands import output as printing
from tally.commands.options import broker_options, output_option
from tally.commands.service_contracts.documents import Document, documents_of, kind_options
from tally.commands.service_contracts.python_sources import documents_from_python, python_options
from tally.commands.service_contracts.self_verification import self_verification_options
from tally.commands.version_detection import detect
from tally.errors import BrokerError, UsageError
from tally.values import dataclass

CONFLICT = 409
RELATION = "tally:publish-service-contract"


@dataclass(frozen=True)
class ServiceContractPublication:
    """The service, and the version that implements the contract."""

    service: str
    version: str
    branch: str | None = None
    tags: tuple[str, ...] = ()
    build_url: str | None = None

    def request(self, documents: Sequence[Document], said: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the body that publishes *documents*; *said* is what the service's own tests say of one."""
        optional = {"branch": self.branch, "tags": list(self.tags), "buildUrl": self.build_url}
        body = {
            "pacticipantName": self.service,
            "pacticipantVersionNumber": self.version,
            **{key: value for key, value in optional.items() if value},
        }
        if len(documents) > 1:
            return {**body, "documents": [document.item("name") for document in documents]}
        tested = {"selfVerificationResults": said} if said else {}
        return {**body, **documents[0].item("document"), **tested}


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "-a", "--service", required=True, metavar="NAME", help="The service that implements the contract."
)
@click.option("-e", "--version", metavar="VERSION", help="Version of the service.")
@click.option("--branch", metavar="NAME", help="Branch of the repository that this version is built from.")
@click.option("-t", "--tag", multiple=True, metavar="NAME", help="Tag for the version; may be repeated.")
@click.option("--build-url", metavar="URL", help="URL of the build of this version.")
@click.option(
    "-r",
    "--auto-detect-version-properties",
    is_flag=True,
    help="Take the version, branch and build URL from the CI system or git, unless they are given.",
)
@click.option(
    "--document",
    "names",
    multiple=True,
    metavar="NAME",
    help="Name of the document in FILE, if it is not to be that of its kind; once for each FILE, in order.",
)
@python_options
@kind_options
@self_verification_options
@output_option()
@broker_options
def publish_service_contract(  # noqa: PLR0913 - one for each option
    *,
    broker: BrokerClient,
    files: tuple[Path, ...],
    apps: tuple[str, ...],
    interfaces: tuple[str, ...],
    service: str,
    version: str | None,
    branch: str | None,
    tag: tuple[str, ...],
    build_url: str | None,
    auto_detect_version_properties: bool,
    names: tuple[str, ...],
    kind: str | None,
    channel: tuple[str, ...],
    direction: str | None,
    said: Mapping[str, Any] | None,
    output: str,
) -> None:
    """Publish the contract of a service to the broker: all its documents, or none.

    FILE is OpenAPI, AsyncAPI, a JSON Schema of a message (with --channel), or a native document
    (service-contract/1), as YAML or JSON; - is standard input. Files that it refers to are included. --app
    and --interface take a document from code, which is imported from the current directory. Exits with 1
    when the broker refuses, because the version already has another contract or because of the policy of
    the service, and with 2 when there is no contract (then nothing is sent) or it could not be published.

    \b
    Examples:
      tally publish-service-contract openapi.yaml --service Orders --version 1.4.0 --branch main
      tally publish-service-contract --app shop.web:app --service Orders --version 1.4.0
      tally publish-service-contract openapi.yaml asyncapi.yaml --service Orders --version 1.4.0
      tally publish-service-contract order.schema.json --kind json-schema --channel orders.created \\
        --direction sent --service Orders --version 1.4.0
    """
    publication = _publication(
        ServiceContractPublication(service, version or "", branch, tuple(filter(None, tag)), build_url),
        os.environ,
        detecting=auto_detect_version_properties,
    )
    if said and len(files) + len(apps) + len(interfaces) > 1:
        raise UsageError("What the tests said is of one document: publish each FILE with its own results.")
    documents = documents_from_python(
        documents_of(files, names=names, kind=kind, channels=channel, direction=direction),
        apps=apps,
        interfaces=interfaces,
        service=service,
    )
    for document in documents:
        for warning in document.warnings:
            printing.say(f"{document.file}: {warning}", "warning", error=True)
    refused = _send(broker, publication, publication.request(documents, said), output)
    raise click.exceptions.Exit(1 if refused else 0)


def _publication(
    given: ServiceContractPublication, variables: Mapping[str, str], *, detecting: bool
) -> ServiceContractPublication:
    """Add the detected properties to the given ones."""
    if detecting:
        build = detect(variables)
        given = replace(
            given,
            version=given.version or build.commit or "",
            branch=given.branch or build.branch,
            build_url=given.build_url or build.url,
        )
        where = f"branch {given.branch}" if given.branch else "no branch"
        printing.say(f"Version {given.version or 'unknown'}, {where} ({build.source})", "debug", error=True)
    if not given.service.strip():
        raise UsageError("Which service is this? --service is empty.")
    if not given.version.strip():
        raise UsageError(
            "Which version of the service implements this contract? Give --version, or "
            "--auto-detect-version-properties to take the commit from the CI system or git."
        )
    return given


def _send(
    broker: BrokerClient, publication: ServiceContractPublication, body: Mapping[str, Any], output: str
) -> bool:
    """Publish; return whether the broker refused."""
    index = broker.index()
    if not any(index.links(RELATION)):
        raise BrokerError(
            f"The broker at {broker.base_url} does not accept service contracts (its index has no "
            f"{RELATION}): this needs a Tallystick broker of a recent release."
        )
    answer = broker.post(index.link(RELATION).expand(), body, accepted=[CONFLICT])
    if output == "text":
        printing.notices(answer.notices())
    elif output == "table":
        result = "refused" if answer.status == CONFLICT else "published"
        printing.table(("SERVICE", "VERSION", "RESULT"), [(publication.service, publication.version, result)])
        if answer.status == CONFLICT:
            printing.notices(answer.notices(), error=True)
    else:
        printing.document(answer.state, output)
    return answer.status == CONFLICT
