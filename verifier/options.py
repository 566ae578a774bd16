"""The options of a run, as one frozen value."""

from collections.abc import Iterator
from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal

from tally.errors import UsageError
from tally.values import dataclass
from verifier.generation.settings import Generation
from verifier.provider.messages import MessageFunctions
from verifier.provider.process import Start
from verifier.provider.provider import RequestFilter
from verifier.provider.states import StateFunctions
from verifier.replay.concurrency import Pace
from verifier.results.budgets import Budgets
from verifier.selection.filters import Filters
from verifier.selection.shard import Shard
from verifier.transport.tls import Tls

if TYPE_CHECKING:  # its library is slow to load, and not every run has a broker
    from tally.broker_client import BrokerClient


@dataclass(frozen=True, kw_only=True)
class PactSelection:
    """Which pacts the broker selects (reference §6.1, §6.2)."""

    selectors: tuple[dict[str, Any], ...] = ()
    enable_pending: bool = False
    wip_since: str | None = None


@dataclass(frozen=True, kw_only=True)
class ProviderVersion:
    """The version of the provider that is verified."""

    number: str | None = None
    branch: str | None = None
    tags: tuple[str, ...] = ()
    build_url: str | None = None


@dataclass(frozen=True, kw_only=True)
class Options:
    """Everything that a run needs to know. Times are in seconds.

    *application* is a WSGI or ASGI application that is called in this process, instead of *provider_url*. The
    functions, if any, are called instead of the URLs. *transports* are those of plugins, with their ports.
    *sources* are files, folders and URLs of pacts; finding no pact is an error unless *allow_no_pacts*.
    *service_contracts* are files; *service_contract_version* is the version whose service contract is
    fetched from the broker. *workflows* are Arazzo documents about it. *generation* says what is sent beside
    its examples, and *coverage_min* how much of it has to be seen, in percent. *message_hint* says what to do
    when messages have no source.
    """

    provider_url: str
    transports: tuple[tuple[str, int], ...] = ()
    provider: str | None = None
    sources: tuple[str, ...] = ()
    allow_no_pacts: bool = False
    service_contracts: tuple[str, ...] = ()
    service_contract_version: str | None = None
    workflows: tuple[str, ...] = ()
    broker: "BrokerClient | None" = None
    selection: PactSelection = field(default_factory=PactSelection)
    version: ProviderVersion = field(default_factory=ProviderVersion)
    publish: bool = False
    filters: Filters = field(default_factory=Filters)
    headers: tuple[tuple[str, str], ...] = ()
    timeout: float = 30
    total_timeout: float | None = None
    connection_retries: int = 0
    follow_redirects: bool = False
    tls: Tls = field(default_factory=Tls)
    pace: Pace = field(default_factory=Pace)
    budgets: Budgets = field(default_factory=Budgets)
    fail_fast: bool = False
    repeat: int = 1
    shard: Shard | None = None
    generation: Generation = field(default_factory=Generation)
    coverage_min: float | None = None
    engine: Literal["tallystick", "pact-core"] = "tallystick"
    state_change_url: str | None = None
    state_change_teardown: bool = False
    state_change_as_query: bool = False
    message_url: str | None = None
    application: object = None
    start: Start | None = None
    request_filter: RequestFilter | None = None
    state_functions: StateFunctions | None = None
    message_functions: MessageFunctions | None = None
    message_hint: str = "give --message-url, where the provider returns them."

    def __post_init__(self) -> None:
        for wrong, message in _contradictions(self):
            if wrong:
                raise UsageError(message)

    @property
    def asks_broker_for_pacts(self) -> bool:
        """Whether the pacts come from the broker: there is one, and no files or URLs are given."""
        return self.broker is not None and not self.sources


def _contradictions(options: Options) -> Iterator[tuple[object, str]]:
    """Yield pairs of a condition that must be false, and the error message when it is true."""
    yield (
        not (options.broker or options.sources or options.service_contracts),
        (
            "There is nothing to verify: give pact files, folders or URLs, --service-contract FILE, or "
            "--broker-base-url with --provider."
        ),
    )
    yield (
        options.service_contract_version and not options.broker,
        "--service-contract-from-broker needs --broker-base-url (PACT_BROKER_BASE_URL).",
    )
    yield (
        (options.asks_broker_for_pacts or options.service_contract_version) and not options.provider,
        "--provider NAME is needed to find contracts at the broker.",
    )
    yield (
        options.selection.selectors and not options.asks_broker_for_pacts,
        "--consumer-version-selectors choose pacts of a broker: give --broker-base-url, and no files.",
    )
    yield (
        options.workflows and not (options.service_contracts or options.service_contract_version),
        "--workflow names workflows of a service contract: give --service-contract FILE as well.",
    )
    yield from _contradictions_of_core(options) if options.engine == "pact-core" else ()
    yield from _contradictions_of_publishing(options) if options.publish else ()


def _contradictions_of_core(options: Options) -> Iterator[tuple[object, str]]:
    yield (
        options.application is not None or options.state_functions or options.message_functions,
        "--engine pact-core works over HTTP only: give URLs for the provider, its states and its messages.",
    )
    yield (
        options.request_filter,
        "--engine pact-core has no request filters: use --header instead.",
    )


def _contradictions_of_publishing(options: Options) -> Iterator[tuple[object, str]]:
    yield (
        not options.broker,
        "--publish needs --broker-base-url (PACT_BROKER_BASE_URL), the broker that gets the results.",
    )
    yield (
        not options.version.number,
        "--publish needs --provider-version (PACT_PROVIDER_VERSION), the version that is verified.",
    )
    yield (
        options.filters.narrow,
        (
            "--publish would report a part of a contract as the whole: leave out --publish, or "
            "--filter-description, --filter-state, --filter-no-state, --filter-tag and --last-failed."
        ),
    )
    yield (
        "examples" not in options.generation.phases,
        (
            "--publish would report a part of a contract as the whole: leave out --publish, or have examples "
            "among the --phases."
        ),
    )
    yield (
        options.service_contracts and not options.provider,
        "--publish with --service-contract needs --provider NAME, the provider of that contract.",
    )
