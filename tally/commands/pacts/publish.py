"""`tally publish`: send pacts, with the version of the consumer that recorded them."""

import os
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

import click

from tally.broker_client import BrokerClient
from tally.commands import output as printing
from tally.commands.options import broker_options, output_option
from tally.commands.pacts import pact_files
from tally.commands.pacts.pact_files import PactFile
from tally.commands.version_detection import detect
from tally.errors import UsageError
from tally.values import dataclass

CONFLICT = 409


@dataclass(frozen=True)
class PactPublication:
    """The version of the consumer, and what to do with the pacts that the broker already has for it."""

    version: str
    branch: str | None = None
    tags: tuple[str, ...] = ()
    build_url: str | None = None
    on_conflict: str = "overwrite"

    def request(self, consumer: str, pacts: Sequence[PactFile]) -> dict[str, Any]:
        """Return the body that publishes the pacts of one consumer (Pact Broker reference §4.7)."""
        optional = {"branch": self.branch, "tags": list(self.tags), "buildUrl": self.build_url}
        return {
            "pacticipantName": consumer,
            "pacticipantVersionNumber": self.version,
            **{key: value for key, value in optional.items() if value},
            "contracts": [self._contract(pact) for pact in pacts],
        }

    def _contract(self, pact: PactFile) -> dict[str, str]:
        return {
            "consumerName": pact.consumer,
            "providerName": pact.provider,
            "specification": "pact",
            "contentType": "application/json",
            "content": b64encode(pact.content).decode(),
            "onConflict": self.on_conflict,
        }


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILES_FOLDERS_OR_GLOBS...")
@click.option("-a", "--consumer-app-version", metavar="VERSION", help="Version of the consumer.")
@click.option("--branch", metavar="NAME", help="Branch of the repository that this version is built from.")
@click.option("-t", "--tag", multiple=True, metavar="NAME", help="Tag for the version; may be repeated.")
@click.option("--tag-with-git-branch", is_flag=True, help="Use the name of the current branch as a tag.")
@click.option("--build-url", metavar="URL", help="URL of the build that recorded the pacts.")
@click.option(
    "-r",
    "--auto-detect-version-properties",
    is_flag=True,
    help="Take the version, branch and build URL from the CI system or git, unless they are given.",
)
@click.option(
    "--merge",
    is_flag=True,
    help="Add to the pacts that the broker has for this version instead of replacing them.",
)
@click.option("--validate", is_flag=True, help="Refuse a pact that a verifier could not read.")
@output_option()
@broker_options
def publish(  # noqa: PLR0913 - one for each option
    *,
    broker: BrokerClient,
    files: tuple[str, ...],
    consumer_app_version: str | None,
    branch: str | None,
    tag: tuple[str, ...],
    tag_with_git_branch: bool,
    build_url: str | None,
    auto_detect_version_properties: bool,
    merge: bool,
    validate: bool,
    output: str,
) -> None:
    """Publish pacts to the broker.

    Takes files, folders (their *.json files) and glob patterns. Several files of the same consumer and
    provider are joined. If one of the files is not a pact, nothing is sent. Exits with 1 when the broker
    refuses because the version already has other content, and with 2 when nothing could be published.

    \b
    Example:
      tally publish pacts --consumer-app-version 1.4.0 --branch main
    """
    publication = _publication(
        PactPublication(
            consumer_app_version or "",
            branch,
            tuple(name for names in tag for name in names.split(",") if name),
            build_url,
            "merge" if merge else "overwrite",
        ),
        os.environ,
        detecting=auto_detect_version_properties,
        tagging=tag_with_git_branch,
    )
    pacts = pact_files.read(pact_files.find(files))
    if validate:
        pact_files.validate(pacts)
    refused = _send(broker, publication, pact_files.join(pacts), output)
    raise click.exceptions.Exit(1 if refused else 0)


def _publication(
    given: PactPublication, variables: Mapping[str, str], *, detecting: bool, tagging: bool
) -> PactPublication:
    """Add the detected properties to the given ones."""
    if detecting or tagging:
        given = _detected(given, variables, detecting=detecting, tagging=tagging)
    if not given.version.strip():
        raise UsageError(
            "Which version of the consumer recorded these pacts? Give --consumer-app-version, or "
            "--auto-detect-version-properties to take the commit from the CI system or git."
        )
    return given


def _detected(
    given: PactPublication, variables: Mapping[str, str], *, detecting: bool, tagging: bool
) -> PactPublication:
    build = detect(variables)
    if tagging and not build.branch:
        raise UsageError(f"--tag-with-git-branch: {build.source} names no branch here; use --tag instead.")
    tags = (*given.tags, build.branch) if tagging and build.branch else given.tags
    if not detecting:
        return PactPublication(given.version, given.branch, tags, given.build_url, given.on_conflict)
    found = PactPublication(
        given.version or build.commit or "",
        given.branch or build.branch,
        tags,
        given.build_url or build.url,
        given.on_conflict,
    )
    where = f"branch {found.branch}" if found.branch else "no branch"
    printing.say(f"Version {found.version or 'unknown'}, {where} ({build.source})", "debug", error=True)
    return found


def _send(broker: BrokerClient, publication: PactPublication, pacts: Sequence[PactFile], output: str) -> bool:
    """Publish, one request for each consumer; return whether the broker refused any."""
    url = broker.index().link("pb:publish-contracts").expand()
    refused = False
    rows: list[tuple[str, ...]] = []
    for consumer in dict.fromkeys(pact.consumer for pact in pacts):
        own = [pact for pact in pacts if pact.consumer == consumer]
        answer = broker.post(url, publication.request(consumer, own), accepted=[CONFLICT])
        if output == "text":
            printing.notices(answer.notices())
        elif output == "table":
            result = "refused" if answer.status == CONFLICT else "published"
            rows += [(consumer, publication.version, pact.provider, result) for pact in own]
            if answer.status == CONFLICT:
                printing.notices(answer.notices(), error=True)
        else:
            printing.document(answer.state, output)
        refused = refused or answer.status == CONFLICT
    if output == "table":
        printing.table(("CONSUMER", "VERSION", "PROVIDER", "RESULT"), rows)
    return refused
