"""The verifier for Python code: `Verifier`."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Self, TypeVar

from tally.broker_client import BrokerClient
from tally.errors import UsageError
from verifier.options import Options, PactSelection, ProviderVersion
from verifier.provider.address import IN_PROCESS, address
from verifier.provider.messages import MessageFunction, MessageFunctions
from verifier.provider.request_filters import FunctionFilter
from verifier.provider.states import StateFunction, StateFunctions
from verifier.replay.concurrency import Pace
from verifier.reporting.reporter import Reporter
from verifier.results.result import Report
from verifier.runs.run import run
from verifier.runs.settings import options_of
from verifier.transport.transport import HttpRequest

Function = TypeVar("Function", bound=Callable[..., Any])


class Verifier:
    """A verification to be run. The methods that add to it return the verifier itself.

    *provider* is the provider to verify: its address ("http://localhost:8080"), or its WSGI or ASGI
    application, which is called in this process. *name* is its name in contracts; pacts for another provider
    are refused. *settings* are fields of `verifier.options.Options` by name: timeout, headers, pace, tls, …
    Raises UsageError when *provider* is not an address; `run` raises it for an unknown setting.

        report = (
            Verifier(provider=app)
            .add_pact("pacts/")
            .state("an order exists", create_order)
            .run()
        )
        assert report.passed, explanation(report)
    """

    def __init__(self, provider: object, *, name: str | None = None, **settings: Any) -> None:
        if provider is None:
            raise UsageError("The provider is None: give its address, or its WSGI or ASGI application.")
        in_process = not isinstance(provider, str)
        self._settings: dict[str, Any] = {
            "provider_url": address("provider", IN_PROCESS if in_process else str(provider)),
            "application": provider if in_process else None,
            "provider": name,
            # Nobody has said whether the application allows calls from several threads.
            "pace": Pace(concurrency=1) if in_process else Pace(),
            "message_hint": "add a function with .message(description, function), or give message_url.",
            **settings,
        }
        self._sources: list[str] = []
        self._service_contracts: list[str] = []
        self._setups: dict[str, StateFunction] = {}
        self._teardowns: dict[str, StateFunction] = {}
        self._messages: dict[str, MessageFunction] = {}

    def add_pact(self, *sources: str | Path) -> Self:
        """Verify these pacts: files, folders of them (*.json), or URLs."""
        for source in sources:
            if not isinstance(source, str | Path):
                raise UsageError(f"{source!r} is no file, folder or URL: write what is verified as a text.")
            self._sources.append(str(source))
        return self

    def add_service_contract(self, *files: str | Path) -> Self:
        """Verify these service contracts: OpenAPI, or Tallystick's own format."""
        self._service_contracts += map(str, files)
        return self

    def from_broker(
        self,
        broker: str | BrokerClient,
        *,
        selectors: Iterable[Mapping[str, Any]] = (),
        enable_pending: bool = False,
        wip_since: str | None = None,
    ) -> Self:
        """Verify the pacts that *broker*, an address or a client with credentials, selects for *name*."""
        self._settings["broker"] = BrokerClient(broker) if isinstance(broker, str) else broker
        self._settings["selection"] = PactSelection(
            selectors=tuple(dict(selector) for selector in selectors),
            enable_pending=enable_pending,
            wip_since=wip_since,
        )
        return self

    def publish(
        self,
        version: str,
        *,
        branch: str | None = None,
        tags: Iterable[str] = (),
        build_url: str | None = None,
    ) -> Self:
        """Publish the results to the broker, for this *version* of the provider."""
        self._settings["version"] = ProviderVersion(
            number=version, branch=branch, tags=tuple(tags), build_url=build_url
        )
        self._settings["publish"] = True
        return self

    def state(self, name: str, setup: StateFunction, *, teardown: StateFunction | None = None) -> Self:
        """Set the provider state *name* up by calling *setup* with the state's parameters by their names.

        A mapping that it returns holds values for generators of the type ProviderState. *teardown* is called
        with the same parameters after the interaction.
        """
        self._setups[name] = _function(f"state {name!r}", setup)
        if teardown:
            self._teardowns[name] = _function(f"teardown of the state {name!r}", teardown)
        return self

    def message(self, description: str, function: MessageFunction) -> Self:
        """Get the message *description* by calling *function*; for a reply, with the content it replies to.

        The function returns the content (JSON values, text or bytes), or a pair of content and metadata.
        """
        self._messages[description] = _function(f"message {description!r}", function)
        return self

    def filter_requests(self, function: Callable[[HttpRequest], HttpRequest | None]) -> Self:
        """Call *function* with each request before it is sent; it returns the request to send."""
        self._settings["request_filter"] = FunctionFilter(_function("filter of requests", function))
        return self

    def options(self) -> Options:
        """Return the options of the run; raises UsageError when they contradict each other."""
        given = {
            "state_change_teardown": bool(self._teardowns),
            **self._settings,
            "sources": tuple(self._sources),
            "service_contracts": tuple(self._service_contracts),
            "state_functions": StateFunctions(self._setups, self._teardowns) if self._setups else None,
            "message_functions": MessageFunctions(self._messages) if self._messages else None,
        }
        return options_of(given)

    def run(self, reporter: Reporter | None = None) -> Report:
        """Verify, and return the report; *reporter* is told during the run.

        A broken contract is in the report. Raises TallyError when nothing could be checked: there is no
        contract or no provider, or a state or a message has no function.
        """
        return run(self.options(), reporter or Reporter())


def _function(what: str, given: Function) -> Function:
    if not callable(given):
        raise UsageError(f"The {what} needs a function, not {given!r}.")
    return given
