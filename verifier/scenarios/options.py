"""The options of `tally scenario`, as one frozen value, parsed from the command line."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tally.errors import InvalidContractError, UsageError
from tally.json_text import plain
from tally.service_contract.files import load_any
from tally.values import dataclass
from tally.workflows.parts import suggestion
from verifier.provider.address import address
from verifier.scenarios.plan import Selection
from verifier.transport.tls import Tls

if TYPE_CHECKING:  # its library is slow to load, and not every run has a broker
    from tally.broker_client import BrokerClient


@dataclass(frozen=True, kw_only=True)
class Publishing:
    """Under which versions the results are published; *environment* names them where they are not given."""

    versions: Mapping[str, str] = field(default_factory=dict)
    environment: str | None = None
    build_url: str | None = None


@dataclass(frozen=True, kw_only=True)
class ScenarioOptions:
    """Everything that a run of scenarios needs to know. Times are in seconds, names are those of sources.

    *inputs* are by name, those of one workflow by "workflow.name".
    """

    files: tuple[Path, ...]
    sources: Mapping[str, str] = field(default_factory=dict)
    documents: Mapping[str, Path] = field(default_factory=dict)
    state_urls: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    selection: Selection = field(default_factory=Selection)
    concurrency: int = 8
    timeout: float = 30
    total_timeout: float | None = None
    cleanup_seconds: float = 30
    tls: Tls = field(default_factory=Tls)
    broker: "BrokerClient | None" = None
    versions: Mapping[str, str] = field(default_factory=dict)
    publishing: Publishing | None = None

    def __post_init__(self) -> None:
        if self.publishing and not self.broker:
            raise UsageError("--publish needs --broker-base-url (PACT_BROKER_BASE_URL).")
        known = tuple(self.sources)
        for option, names in (
            ("--state-change-url", self.state_urls),
            ("--header", self.headers),
            ("--document", self.documents),
        ):
            for name in names:
                if name not in self.sources:
                    raise UsageError(
                        f"{option} {name}=…: there is no --source {name}; {suggestion(name, known)}"
                    )


def options_from(given: Mapping[str, Any]) -> ScenarioOptions:
    """Return the parsed options; raises UsageError, which names the option that is wrong."""
    return ScenarioOptions(
        files=tuple(Path(name) for name in dict.fromkeys(given["files"])),
        sources={
            name: address(f"--source {name}", url)
            for name, url in _named("--source", given["sources"]).items()
        },
        documents={name: Path(path) for name, path in _named("--document", given["documents"]).items()},
        state_urls=_addresses("--state-change-url", given["state_urls"]),
        headers=_headers(given["headers"]),
        inputs=_inputs(given["inputs"], given["inputs_file"]),
        selection=Selection(given["tags"], given["ids"]),
        concurrency=given["concurrency"],
        timeout=given["timeout"],
        total_timeout=given["total_timeout"],
        cleanup_seconds=given["cleanup_timeout"],
        tls=_tls(given),
        broker=given["broker"],
        versions=_named("--version", given["versions"]),
        publishing=_publishing(given),
    )


def _named(option: str, texts: Sequence[str]) -> dict[str, str]:
    """Read NAME=VALUE; refuses a name twice."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            raise UsageError(f"{option} {text!r}: write it as {option} NAME=VALUE.")
        if name in found:
            raise UsageError(f"{option} names {name!r} twice: leave one out.")
        found[name] = value
    return found


def _addresses(option: str, texts: Sequence[str]) -> dict[str, str]:
    return {name: address(f"{option} {name}", url) for name, url in _named(option, texts).items()}


def _headers(texts: Sequence[str]) -> dict[str, tuple[tuple[str, str], ...]]:
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for text in texts:
        source, equals, header = text.partition("=")
        name, colon, value = header.partition(":")
        if not (source and equals and name.strip() and colon):
            raise UsageError("--header is written as --header SOURCE='NAME: VALUE'.")
        found[source] = (*found.get(source, ()), (name.strip(), value.strip()))
    return found


def _inputs(texts: Sequence[str], file: str | None) -> dict[str, Any]:
    """Return the inputs of the file, and those of the command line in their place."""
    inputs: dict[str, Any] = {}
    if file:
        try:
            read = plain(load_any(Path(file)))
        except InvalidContractError as error:
            raise UsageError(f"--inputs {error}") from error
        if not isinstance(read, dict):
            raise UsageError(f"--inputs {file}: write an object of inputs by their names.")
        inputs |= read
    return inputs | _named("--input", texts)


def _tls(given: Mapping[str, Any]) -> Tls:
    return Tls(
        ca_file=given["ca_file"],
        certificate=given["client_certificate"],
        key=given["client_key"],
        skip=given["disable_ssl_verification"],
    )


def _publishing(given: Mapping[str, Any]) -> Publishing | None:
    versions = _named("--version", given["versions"])
    if not given["publish"]:
        return None
    if not versions and not given["environment"]:
        raise UsageError(
            "--publish needs the versions that take part: --version NAME=VERSION for each source, or "
            "--environment NAME, whose deployed versions are taken."
        )
    return Publishing(versions=versions, environment=given["environment"], build_url=given["build_url"])
