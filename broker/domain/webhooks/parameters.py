"""The parameters of templates, by name (Pact Broker reference §10.4)."""

from collections.abc import Mapping
from typing import Protocol

from broker.domain.model import Version
from broker.domain.verifications.url_metadata import Metadata, encode
from broker.domain.webhooks.events import COMMIT_STATUSES
from broker.domain.webhooks.triggers import LabelledIntegration
from tally.values import dataclass

CURRENTLY_DEPLOYED = "currentlyDeployedProviderVersionNumber"
"""A webhook that uses this one gets a delivery for each provider version that is deployed."""
NAMES = (
    "consumerName",
    "providerName",
    "consumerVersionNumber",
    "providerVersionNumber",
    "consumerVersionBranch",
    "providerVersionBranch",
    "consumerVersionTags",
    "providerVersionTags",
    "consumerLabels",
    "providerLabels",
    "providerVersionDescriptions",
    "pactUrl",
    "verificationResultUrl",
    "serviceContractUrl",
    "comparisonUrl",
    "qualityGate",
    "qualityGateValue",
    "qualityGateUrl",
    "auditEntry",
    "auditEntryUuid",
    "auditEntryAt",
    "auditActor",
    "auditAction",
    "auditSubject",
    "auditOutcome",
    "buildUrl",
    "eventName",
    *COMMIT_STATUSES,
    CURRENTLY_DEPLOYED,
)
"""Every parameter, without its prefix `pactbroker.`."""


NOTHING_ELSE = {
    "serviceContractUrl": "",
    "comparisonUrl": "",
    "qualityGate": "",
    "qualityGateValue": "",
    "qualityGateUrl": "",
    "auditEntry": "",
    "auditEntryUuid": "",
    "auditEntryAt": "",
    "auditActor": "",
    "auditAction": "",
    "auditSubject": "",
    "auditOutcome": "",
}
"""What events that are about no service contract, quality gate and audit entry say of them."""


@dataclass(frozen=True)
class ProviderVersionSummary:
    """What parameters say of a provider version; *branch* is the last that it joined, or ""."""

    number: str
    tags: tuple[str, ...]
    branch: str


class Addresses(Protocol):
    """What makes the URLs in parameters."""

    @property
    def base(self) -> str:
        """What they start with."""

    def href(self, route: str, **values: str) -> str:
        """Return the absolute URL of a route, by the name of the relation that leads to it."""


def of_integration(names: Mapping[str, str], integration: LabelledIntegration) -> dict[str, str]:
    """Return the names and labels of the consumer and the provider."""
    return {
        "consumerName": names["consumer"],
        "providerName": names["provider"],
        "consumerLabels": ", ".join(integration.consumer_labels),
        "providerLabels": ", ".join(integration.provider_labels),
        **NOTHING_ELSE,
    }


def of_pact(names: Mapping[str, str], version: Version, sha: str, addresses: Addresses) -> dict[str, str]:
    """Return the parameters of a consumer version and its pact."""
    # A result that is published from this URL counts as one of work in progress: nobody selected the pact.
    metadata = encode(Metadata((version.number,), wip=True))
    return {
        "consumerVersionNumber": version.number,
        "consumerVersionTags": ", ".join(version.tags),
        "consumerVersionBranch": version.branches[-1].name if version.branches else "",
        "pactUrl": addresses.href("pact-version-with-metadata", **names, sha=sha, metadata=metadata),
    }


def provider_version(version: Version) -> ProviderVersionSummary:
    """Return what parameters say of the version when it is a provider's."""
    return ProviderVersionSummary(
        version.number, version.tags, version.branches[-1].name if version.branches else ""
    )


def of_provider_version(version: ProviderVersionSummary | None) -> dict[str, str]:
    """Return the parameters of a provider version; empty texts when there is none."""
    return {
        "providerVersionNumber": version.number if version else "",
        "providerVersionTags": ", ".join(version.tags) if version else "",
        "providerVersionBranch": version.branch if version else "",
        "providerVersionDescriptions": "",
    }


def result_url(names: Mapping[str, str], sha: str, number: int | None, addresses: Addresses) -> str:
    """Return the URL of the result; "" when there is none."""
    if number is None:
        return ""
    return addresses.href("verification-result", **names, sha=sha, number=str(number))
