"""The identity providers of the settings, each by its protocol."""

from collections.abc import Callable, Mapping
from datetime import datetime
from time import monotonic
from typing import Protocol

from broker.domain.accounts.providers import Provider, ProviderKind
from broker.domain.errors import NotFoundError
from broker.services.accounts.github import GithubProvider
from broker.services.accounts.log_in import ProvidedPerson
from broker.services.accounts.log_in_flow import Flow
from broker.services.accounts.openid import OpenIdProvider
from broker.services.accounts.provider_requests import ProviderRequests
from broker.services.outgoing.rules import issuer_rules
from broker.settings.settings import Settings


class Protocolled(Protocol):
    """What a log-in needs of a provider, whatever protocol it speaks. No transaction may wait for it."""

    def address(self, flow: Flow, redirect_uri: str) -> str:
        """Return where the browser goes to log in. Raises ProviderError."""

    def check_answer(self, answer: Mapping[str, str]) -> None:
        """Raise LogInRefusedError for an answer of another provider."""

    def person(self, code: str, flow: Flow, redirect_uri: str, now: datetime, /) -> ProvidedPerson:
        """Return whom a code stands for. Raises LogInRefusedError and ProviderError."""


class LogInProviders:
    """The providers of one process, which keeps what it knows of each."""

    def __init__(self, settings: Settings, timer: Callable[[], float] = monotonic) -> None:
        rules = issuer_rules(settings)
        self._all: dict[str, tuple[Provider, Protocolled]] = {}
        for provider in settings.oidc_providers:
            requests = ProviderRequests(provider, rules)
            is_github = provider.kind is ProviderKind.GITHUB
            self._all[provider.name] = (
                provider,
                GithubProvider(requests) if is_github else OpenIdProvider(requests, timer),
            )

    def find(self, name: str) -> tuple[Provider, Protocolled]:
        """Return a provider. Raises NotFoundError."""
        found = self._all.get(name)
        if found is None:
            raise NotFoundError(f"There is no identity provider '{name}'. Go to the log-in page.")
        return found
