"""The deliveries of an event, each with the values of the parameters in its template (reference §10.4)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from broker.domain.model import Pacticipant, Version
from broker.domain.pacts.publication_plan import PublicationOutcome
from broker.domain.verifications.result import PactContent, Verification
from broker.domain.webhooks.delivery import NewDelivery
from broker.domain.webhooks.events import Event, RequiredVersion, commit_statuses
from broker.domain.webhooks.parameters import (
    CURRENTLY_DEPLOYED,
    Addresses,
    ProviderVersionSummary,
    of_integration,
    of_pact,
    of_provider_version,
    result_url,
)
from broker.domain.webhooks.triggers import LabelledIntegration, Trigger
from broker.storage.webhooks.publication_details import PublicationDetails
from tally.values import dataclass


@dataclass(frozen=True)
class PactsPublished:
    """A consumer version was published with its pacts; *providers* and *outcomes* are by provider name."""

    consumer: Pacticipant
    version: Version
    providers: Mapping[str, Pacticipant]
    outcomes: Mapping[str, PublicationOutcome]
    branch: str | None = None

    @property
    def provider_ids(self) -> list[int]:
        """The ids of the providers in the storage."""
        return [provider.id for provider in self.providers.values()]


@dataclass(frozen=True)
class ResultPublished:
    """A verification result was published, made for the pacts of *consumer_versions*."""

    content: PactContent
    result: Verification
    consumer_versions: Collection[str]


@dataclass(frozen=True)
class PublicationDeliveries:
    """Make the deliveries of a publication; *required* has the versions that need a result, by provider."""

    published: PactsPublished
    required: Mapping[str, Sequence[RequiredVersion]]
    details: PublicationDetails
    addresses: Addresses

    def integration(self, provider: str) -> LabelledIntegration:
        """Return the consumer and this provider, with their labels."""
        consumer_id, provider_id = self.published.consumer.id, self.published.providers[provider].id
        labels = self.details.labels
        return LabelledIntegration(
            consumer_id, provider_id, labels.get(consumer_id, ()), labels.get(provider_id, ())
        )

    def of_event(self, provider: str, event: Event, trigger: Trigger) -> list[NewDelivery]:
        """Return one delivery, or one for each provider version that the event or the webhook is about."""
        specials: Iterable[Mapping[str, str]] = [{}]
        if event is Event.CONTRACT_REQUIRING_VERIFICATION_PUBLISHED:
            specials = [self._of_required(provider, version) for version in self.required[provider]]
        deliveries = [
            NewDelivery(
                trigger,
                event.value,
                self.integration(provider),
                self.published.version.id,
                None,
                {**self.parameters(provider, event), **special},
            )
            for special in specials
        ]
        return for_each_deployed(deliveries, self._deployed(provider))

    def parameters(self, provider: str, event: str) -> Mapping[str, str]:
        """Return the parameters of the pact with a provider."""
        published, provider_id = self.published, self.published.providers[provider].id
        result, sha = self.details.results.get(provider_id), self.details.contents[provider_id]
        names = {"consumer": published.consumer.name, "provider": provider}
        parameters = {
            "eventName": str(event),
            **of_integration(names, self.integration(provider)),
            **of_pact(names, published.version, sha, self.addresses),
            **of_provider_version(self.details.versions.get(result.provider_version_id) if result else None),
            **commit_statuses(success=result.success if result else None),
            "verificationResultUrl": result_url(names, sha, result.number, self.addresses) if result else "",
            "buildUrl": published.version.build_url or "",
        }
        # A version may be on several branches; the one of this publication is the one that is meant.
        return {**parameters, "consumerVersionBranch": published.branch} if published.branch else parameters

    def _of_required(self, provider: str, required: RequiredVersion) -> dict[str, str]:
        parameters = of_provider_version(self.details.versions[required.version_id])
        if required.on_main_branch:
            parameters["providerVersionBranch"] = self.published.providers[provider].main_branch or ""
        return {**parameters, "providerVersionDescriptions": ", ".join(required.reasons)}

    def _deployed(self, provider: str) -> Sequence[str]:
        return self.details.deployed.get(self.published.providers[provider].id, ())


@dataclass(frozen=True)
class ResultDeliveries:
    """Make the deliveries of a verification result."""

    result: Verification
    integration: LabelledIntegration
    provider_version: ProviderVersionSummary | None
    deployed: Sequence[str]
    addresses: Addresses

    def of_event(self, event: Event, version: Version, trigger: Trigger) -> list[NewDelivery]:
        """Return the deliveries for one of the consumer versions that the result was made for."""
        result = self.result
        names = {"consumer": result.consumer, "provider": result.provider}
        parameters = {
            "eventName": event.value,
            **of_integration(names, self.integration),
            **of_pact(names, version, result.sha, self.addresses),
            **of_provider_version(self.provider_version),
            **commit_statuses(success=result.success),
            "verificationResultUrl": result_url(names, result.sha, result.number, self.addresses),
            "buildUrl": result.build_url or "",
        }
        delivery = NewDelivery(trigger, event.value, self.integration, version.id, result.number, parameters)
        return for_each_deployed([delivery], self.deployed)


def for_each_deployed(deliveries: list[NewDelivery], deployed: Iterable[str]) -> list[NewDelivery]:
    """Return the deliveries of one trigger: once for each deployed version, if its request names them.

    Where none is deployed, such a webhook has nothing to send (reference §10.4).
    """
    if not any(delivery.trigger.names_deployed for delivery in deliveries):
        return deliveries
    named = [{CURRENTLY_DEPLOYED: number} for number in deployed]
    return [
        replace(delivery, parameters={**delivery.parameters, **name})
        for delivery in deliveries
        for name in named
    ]
