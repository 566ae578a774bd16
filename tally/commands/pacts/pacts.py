"""`tally list-latest-pact-versions` and `tally get-pacts`."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from tally.broker_client import BrokerClient, Resource
from tally.commands import answers
from tally.commands import output as printing
from tally.commands.options import broker_options, output_option
from tally.errors import BrokerError, UsageError
from tally.hashing import parse_exactly
from tally.values import dataclass

LATEST = ("CONSUMER", "CONSUMER VERSION", "PROVIDER", "CREATED")
FOUND = ("CONSUMER", "PACT", "URL")
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]|^\.')
"""What one of the usual file systems does not take in a name."""


@click.command()
@output_option()
@broker_options
def list_latest_pact_versions(*, broker: BrokerClient, output: str) -> None:
    """List the latest pact of each consumer with each provider.

    \b
    Example:
      tally list-latest-pact-versions
    """
    listed = broker.follow(broker.index(), "pb:latest-pact-versions")
    rows = [_latest(item) for item in listed.state.get("pacts") or ()]
    nothing = "There are no pacts yet: tally publish pacts --consumer-app-version VERSION"
    answers.listing(listed.state, output, rows, headings=LATEST, nothing=nothing)


@click.command()
@click.option("--provider", required=True, metavar="NAME", help="The provider.")
@click.option("--consumer", metavar="NAME", help="The pacts of this consumer alone.")
@click.option("--branch", metavar="NAME", help="A branch of the consumers; without it, their main branches.")
@click.option("--latest", is_flag=True, help="The latest pact of each consumer alone.")
@click.option("--download", is_flag=True, help="Write each pact into a file.")
@click.option("--download-dir", metavar="FOLDER", help="The folder for the files.  [default: ./pacts]")
@output_option()
@broker_options
def get_pacts(  # noqa: PLR0913 - one for each option
    *,
    broker: BrokerClient,
    provider: str,
    consumer: str | None,
    branch: str | None,
    latest: bool,
    download: bool,
    download_dir: str | None,
    output: str,
) -> None:
    """List the pacts of a provider, or download them.

    A file is named after consumer, provider and version; one of that name is replaced. Nothing is written
    unless every pact could be fetched.

    \b
    Examples:
      tally get-pacts --provider Orders --latest
      tally get-pacts --provider Orders --branch main --latest --download
    """
    if download_dir is not None and not download:
        raise UsageError("--download-dir is for --download: give both, or none.")
    found = _Pacts(provider, consumer, branch, latest).find(broker)
    if download:
        _write([broker.content(pact["href"]) for pact in found], Path(download_dir or "pacts"))
    rows = [{"CONSUMER": pact["name"], "PACT": pact["title"], "URL": pact["href"]} for pact in found]
    where = f"branch {branch}" if branch else "the main branch"
    nothing = f"There is no pact with {provider} on {where} of {consumer or 'any consumer'}."
    answers.listing({"pacts": found}, output, rows, headings=FOUND, nothing=nothing)


@dataclass(frozen=True)
class _Pacts:
    """Which pacts are wanted."""

    provider: str
    consumer: str | None
    branch: str | None
    latest: bool

    def find(self, broker: BrokerClient) -> list[dict[str, str]]:
        """Return name (the consumer), title and href of each, as the broker orders them."""
        names = {key: value or "" for key, value in vars(self).items() if key != "latest"}
        unknown = f"The broker has no pacts with {self.provider}."
        with answers.known_pacticipant(broker, self.provider, unknown):
            if self.consumer is None:
                return _linked(broker.follow(broker.index(), self._relation(), **names))
            unknown = f"The broker has no pacts of {self.consumer} with {self.provider}."
            with answers.known_pacticipant(broker, self.consumer, unknown):
                return _embedded(broker.follow(broker.index(), self._relation(), **names), self.consumer)

    def _relation(self) -> str:
        latest = "latest-" if self.latest else ""
        branch = "main-branch" if self.branch is None else "branch"
        if self.consumer is None:
            return f"pb:{latest}provider-pacts-with-{branch}"
        return f"pb:{latest}{branch}-pact-versions"


def _linked(listed: Resource) -> list[dict[str, str]]:
    return [
        {"name": link.name or "", "title": link.title or "", "href": link.href}
        for link in listed.links("pb:pacts")
    ]


def _embedded(listed: Resource, consumer: str) -> list[dict[str, str]]:
    selves = [pact["_links"]["self"] for pact in listed.embedded("pacts")]
    return [{"name": consumer, "title": link.get("title") or "", "href": link["href"]} for link in selves]


def _latest(pact: dict[str, Any]) -> dict[str, str]:
    consumer, provider = pact["_embedded"]["consumer"], pact["_embedded"]["provider"]
    values = (
        consumer["name"],
        ((consumer.get("_embedded") or {}).get("version") or {}).get("number", ""),
        provider["name"],
        printing.moment(pact.get("createdAt") or ""),
    )
    return dict(zip(LATEST, values, strict=True))


def _write(contents: Sequence[bytes], folder: Path) -> None:
    """Write each pact into a file of its own; a file is complete, or it is not there."""
    files: dict[Path, bytes] = {}
    for content in contents:
        files[_free(folder / f"{_file_name(content)}.json", files)] = content
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, content in files.items():
            unfinished = file.with_name(f"{file.name}.part")
            unfinished.write_bytes(content)
            unfinished.replace(file)
    except OSError as error:
        raise UsageError(f"--download-dir: {folder} cannot be written to: {error.strerror}.") from error
    for file in files:
        printing.say(f"Wrote {file}", "debug", error=True)


def _file_name(content: bytes) -> str:
    pact = parse_exactly(content)
    try:
        version = pact["_links"]["pb:consumer-version"]["name"]
        names = (pact["consumer"]["name"], pact["provider"]["name"], version)
    except (KeyError, TypeError) as error:
        raise BrokerError("The broker answered with something that is no pact.") from error
    return _UNSAFE.sub("_", "-".join(map(str, names)))


def _free(file: Path, taken: dict[Path, bytes]) -> Path:
    """Return a name that no other pact of this run has."""
    number, free = 1, file
    while free in taken:
        number += 1
        free = file.with_stem(f"{file.stem}-{number}")
    return free
