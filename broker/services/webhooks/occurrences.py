"""What webhooks are told of a publication: the parameters of their templates (reference §10.4)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from broker.domain.model import Pacticipant, Version
from broker.domain.pacts.publication_plan import Outcome
from broker.domain.verifications.result import Verification
from broker.domain.webhooks.events import Event, Required, commit_statuses
from broker.domain.webhooks.parameters import (
    CURRENTLY_DEPLOYED,
    Addresses,
    ToldVersion,
    of_integration,
    of_pact,
    of_provider_version,
    result_url,
)
from broker.domain.webhooks.triggers import LabelledIntegration, Occurrence, Trigger
from broker.storage.webhooks.publication_details import PublicationDetails


@dataclass(frozen=True)
class PactsPublished:
    """A consumer version whose pacts with some providers were published; *outcomes* by provider."""

    consumer: Pacticipant
    version: Version
    providers: Mapping[str, Pacticipant]
    outcomes: Mapping[str, Outcome]
    branch: str | None = None

    @property
    def provider_ids(self) -> list[int]:
        """The providers, by the storage's identifiers."""
        return [provider.id for provider in self.providers.values()]


@dataclass(frozen=True)
class Telling:
    """A publication and what is known of it; *needed* are the versions that need a result, by provider."""

    published: PactsPublished
    needed: Mapping[str, Sequence[Required]]
    details: PublicationDetails
    addresses: Addresses

    def integration(self, provider: str) -> LabelledIntegration:
        """Return the consumer and this provider, with their labels."""
        consumer_id, provider_id = self.published.consumer.id, self.published.providers[provider].id
        labels = self.details.labels
        return LabelledIntegration(
            consumer_id, provider_id, labels.get(consumer_id, ()), labels.get(provider_id, ())
        )

    def occurrences(self, provider: str, event: str, trigger: Trigger) -> list[Occurrence]:
        """Return what the webhook is told: once, or once for each version that it is about."""
        specials: Iterable[Mapping[str, str]] = [{}]
        if event == Event.CONTRACT_REQUIRING_VERIFICATION_PUBLISHED:
            specials = [self._of_required(provider, item) for item in self.needed[provider]]
        told = [self.occurrence(provider, event, special) for special in specials]
        return for_trigger(
            trigger, told, self.details.deployed.get(self.published.providers[provider].id, ())
        )

    def occurrence(
        self, provider: str, event: str, special: Mapping[str, str] = MappingProxyType({})
    ) -> Occurrence:
        """Return what is told of the pact with a provider; *special* parameters replace others."""
        published, provider_id = self.published, self.published.providers[provider].id
        result, sha = self.details.results.get(provider_id), self.details.contents[provider_id]
        names, integration = (
            {"consumer": published.consumer.name, "provider": provider},
            self.integration(provider),
        )
        parameters = {
            "eventName": str(event),
            **of_integration(names, integration),
            **of_pact(names, published.version, sha, self.addresses),
            **of_provider_version(self.details.versions.get(result.provider_version_id) if result else None),
            **commit_statuses(success=result.success if result else None),
            "verificationResultUrl": result_url(names, sha, result.number, self.addresses) if result else "",
            "buildUrl": published.version.build_url or "",
        }
        if published.branch:
            parameters["consumerVersionBranch"] = published.branch
        return Occurrence(str(event), integration, published.version.id, None, {**parameters, **special})

    def _of_required(self, provider: str, required: Required) -> dict[str, str]:
        told = of_provider_version(self.details.versions[required.version_id])
        if required.on_main_branch:
            told["providerVersionBranch"] = self.published.providers[provider].main_branch or ""
        return {**told, "providerVersionDescriptions": ", ".join(required.reasons)}


@dataclass(frozen=True)
class ResultTelling:
    """A verification result and what is known of it."""

    result: Verification
    integration: LabelledIntegration
    provider_version: ToldVersion | None
    addresses: Addresses

    def occurrence(self, event: Event, version: Version) -> Occurrence:
        """Return what is told of the result for one of the consumer versions that it was made for."""
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
        return Occurrence(event.value, self.integration, version.id, result.number, parameters)


def for_trigger(trigger: Trigger, told: list[Occurrence], deployed: Iterable[str]) -> list[Occurrence]:
    """Return what one webhook is told: if it names the versions that are deployed, once for each of them.

    Where none is deployed such a webhook has nothing to tell (reference §10.4).
    """
    if not trigger.names_deployed:
        return told
    named = [{CURRENTLY_DEPLOYED: number} for number in deployed]
    return [replace(item, parameters={**item.parameters, **name}) for item in told for name in named]
