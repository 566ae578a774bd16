"""The replay target of a run, opened as the options say and closed at the end."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from urllib.parse import urljoin

from verifier.contracts.cases import AnyCase, UnsupportedCase
from verifier.options import Options
from verifier.pact_core.plugins import plugin_is_installed, plugins_home
from verifier.provider.messages import MessageSource, MessageUrl
from verifier.provider.process import started
from verifier.provider.provider import ProviderClient
from verifier.provider.states import StateChanger, StateChanges, StateUrl
from verifier.replay.replayer import ReplayTarget
from verifier.results.result import CaseResult, FailureKind
from verifier.transport.calls import Call, call_to_the_end
from verifier.transport.http import HttpTransport
from verifier.transport.transport import Transport


@contextmanager
def replay_target(options: Options, *, keeps_exchanges: bool = True) -> Iterator[ReplayTarget]:
    """Yield the target that *options* describe, starting the provider if they say so; close it at the end.

    Requests, states and messages share a transport, because a provider that serves only one connection at a
    time would otherwise never accept the second one.
    """
    with ExitStack() as stack:
        running = stack.enter_context(started(options.start)) if options.start else None
        transports = Transports(options, stack)
        yield ReplayTarget(
            ProviderClient(
                base_url=options.provider_url,
                transport=transports.provider,
                headers=options.headers,
                request_filter=options.request_filter,
                follow_redirects=options.follow_redirects,
            ),
            StateChanges(
                _state_changer(options, transports),
                options.state_change_teardown,
                # As the Rust core does; what runs at once must not be cleaned up by its neighbours.
                also_without_states=bool(options.state_change_url) and not options.pace.is_chosen,
            ),
            _messages(options, transports),
            core=partial(_replay_through_core, options),
            core_for_all=options.engine == "pact-core",
            running=running,
            keeps_exchanges=keeps_exchanges,
        )


def _replay_through_core(options: Options, case: AnyCase) -> CaseResult:
    plugin = case.plugin if isinstance(case, UnsupportedCase) else None
    if plugin and not plugin_is_installed(plugin):
        problem = f"It cannot be checked: it needs the plugin {plugin!r}, which is not in {plugins_home()}."
        return CaseResult(case=case, failure=FailureKind.UNSUPPORTED, problem=problem)
    from verifier.pact_core.engine import core_engine  # noqa: PLC0415 - loads pact-python, which few need

    return core_engine(options).replay(case)


class Transports:
    """The transport of the provider, and the one for other addresses; *stack* closes both."""

    def __init__(self, options: Options, stack: ExitStack) -> None:
        self._options = options
        if options.tls.ca_file or options.tls.certificate:
            options.tls.context()  # an unusable certificate file is an error before the run begins
        self._http = HttpTransport(
            timeout=options.timeout, tls=options.tls, retries=options.connection_retries
        )
        stack.callback(self._http.close)
        self.provider: Transport = self._http
        self.call: Call = call_to_the_end
        if options.application is not None:
            from verifier.transport.applications import application_transport  # noqa: PLC0415 - loads asyncio

            self.provider = application_transport(options.application, timeout=options.timeout)
            stack.callback(self.provider.close)
            # An asynchronous application has its databases in its event loop, once it has started.
            self.call = getattr(self.provider, "call", call_to_the_end)

    def at(self, url: str) -> tuple[str, Transport]:
        """Return the address of *url* and its transport; a path alone is a path of the provider."""
        if url.startswith("/"):
            return urljoin(self._options.provider_url, url), self.provider
        return url, self._http


def _state_changer(options: Options, transports: Transports) -> StateChanger | None:
    if options.state_functions:
        return replace(options.state_functions, call=transports.call)
    if not options.state_change_url:
        return None
    url, transport = transports.at(options.state_change_url)
    return StateUrl(url, transport, as_query=options.state_change_as_query)


def _messages(options: Options, transports: Transports) -> MessageSource | None:
    if options.message_functions:
        return replace(options.message_functions, call=transports.call)
    return MessageUrl(*transports.at(options.message_url)) if options.message_url else None
