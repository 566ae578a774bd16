"""Why service contracts let a version be deployed or not: one value for each reason."""

from dataclasses import field

from broker.domain.decisions.evidence import (
    ComparisonVerdict,
    DocumentEvidence,
    Doubt,
    PairEvidence,
    names,
)
from broker.domain.decisions.matrix import Row, Undecided
from broker.domain.decisions.reasons import Failed, NeverVerified, Reason
from tally.values import dataclass


@dataclass(frozen=True)
class DoesNotFit(Failed):
    """A comparison found that the provider may not answer as the pact shows."""

    outcome = "does not fit the service contract"

    @property
    def text(self) -> str:
        pair = f"{self.consumer} and {self.provider}"
        return f"The pact between {pair} does not fit the service contract of {self.row.provider}"

    def next_step(self, pact_url: str, page_url: str | None) -> str:
        return (
            f"See {page_url or pact_url} for what does not fit. Then deploy a version of {self.row.provider} "
            f"whose service contract allows it, or change what {self.row.consumer} expects"
        )


@dataclass(frozen=True)
class DoesNotKeep(Failed):
    """The provider does not keep its own documents, so that it does not matter what fits them."""

    outcome = "does not keep its service contract"

    @property
    def text(self) -> str:
        evidence = self.row.contract.evidence if self.row.contract else None
        documents = names(evidence.broken) if evidence else ""
        return (
            f"The pact between {self.consumer} and {self.provider} was compared with a service contract that "
            f"the provider does not keep ({documents})"
        )

    def next_step(self, pact_url: str, page_url: str | None) -> str:
        return (
            f"See {page_url or pact_url} for what failed. Then deploy a version of {self.row.provider} that "
            "keeps its service contract, or verify the pact"
        )


@dataclass(frozen=True)
class DocumentFailed(Failed):
    """A version does not keep a document of its own."""

    outcome = "does not keep its own service contract"

    @property
    def text(self) -> str:
        return f"The verification of the service contract of {self.provider} ({_document(self.row)}) failed"

    def next_step(self, pact_url: str, page_url: str | None) -> str:
        return (
            f"See {page_url or pact_url} for what failed. Then deploy a version of {self.row.provider} that "
            "keeps its service contract"
        )


@dataclass(frozen=True)
class DependencyFailed(Failed):
    """A version lacks what a document of a consumer needs."""

    outcome = "lacks what is needed"

    @property
    def text(self) -> str:
        return f"What {self.consumer} needs is missing: {self.provider} {_problems(self.row)}"

    def next_step(self, pact_url: str, page_url: str | None) -> str:  # noqa: ARG002 - no page has a dependency
        return (
            f"Deploy a version of {self.row.provider} that has what {pact_url} needs, or a version of "
            f"{self.row.consumer} that does not need it"
        )


@dataclass(frozen=True)
class DependencyUnknown(NeverVerified):
    """Nobody knows whether a provider has what a document of a consumer needs."""

    outcome = "may lack what is needed"

    @property
    def text(self) -> str:
        problems = _problems(self.row)
        return f"It is not known whether {self.consumer} gets what it needs: {self.provider} {problems}"

    def next_step(self, pact_url: str, page_url: str | None) -> str:  # noqa: ARG002 - no page has a dependency
        provider = self.row.provider
        if self.row.provider_version is None:
            return f"Deploy a version of {provider} that has what {pact_url} needs"
        return f"Publish a service contract with {provider} {self.row.provider_version.number}"


@dataclass(frozen=True)
class NeedNotShown(Reason):
    """A document of the consumer needs something of the provider, and there is no row about that."""

    consumer: str
    provider: str
    type = "error"

    @property
    def text(self) -> str:
        return (
            f"Nothing here shows that {self.consumer} gets what its service contract needs of {self.provider}"
        )


@dataclass(frozen=True)
class NotDecided(NeverVerified):
    """The provider has a service contract, but it does not decide."""

    found: tuple[Undecided, ...] = field(default=(), compare=False)
    outcome = "is not decided"

    @property
    def text(self) -> str:
        reasons = "; ".join(dict.fromkeys(_doubt(self.row.provider, found) for found in self.found))
        return f"There is no verified pact between {self.consumer} and {self.provider}: {reasons}"

    def next_step(self, pact_url: str, page_url: str | None) -> str:
        first, provider = self.found[0], self.row.provider
        if first.doubt is Doubt.PROMISED:
            documents = names(first.evidence.unverified)
            version = f"{provider} {first.version.number}"
            return f"{version} has to be verified against its service contract ({documents})"
        if first.doubt is Doubt.NOT_COMPARED and (failure := first.evidence.failure):
            moment = failure.again_by.isoformat(timespec="seconds")
            return (
                f"Wait for the next try (by {moment}), publish the same pact or service contract again to "
                f"have it at once, or let {provider} {first.version.number} verify {pact_url}"
            )
        if first.doubt is Doubt.NOT_COMPARED:
            return f"Wait for the comparison, or let {provider} {first.version.number} verify {pact_url}"
        return super().next_step(pact_url, page_url)


@dataclass(frozen=True)
class OnlyPromised(Reason):
    """A comparison passed with documents that nobody has verified, as the policy of the provider allows."""

    consumer: str
    provider: str
    documents: tuple[DocumentEvidence, ...]
    type = "warning"

    @property
    def text(self) -> str:
        return (
            f"The pact between {self.consumer} and {self.provider} is only promised: no run has verified the "
            f"document {names(self.documents)}, and the provider's policy does not ask for that"
        )


@dataclass(frozen=True)
class OptionLacking(Reason):
    """Something that a document declares as not required is not there."""

    consumer: str
    problem: str
    type = "warning"

    @property
    def text(self) -> str:
        return f"What {self.consumer} can do without is missing: {self.problem}"


def _doubt(provider: str, found: Undecided) -> str:
    version = f"{provider} {found.version.number}"
    if found.doubt is Doubt.NOT_COMPARED and (failure := found.evidence.failure):
        return f"it could not be compared with the service contract of {version} ({failure.text})"
    return {
        Doubt.NOT_COMPARED: f"it has not been compared with the service contract of {version} yet",
        Doubt.UNDECIDED: f"the comparison with the service contract of {version} could not tell",
        Doubt.PROMISED: f"it is only promised, as no run has verified the document "
        f"{names(found.evidence.unverified)} of {version}",
        Doubt.REPLAY_ASKED: f"the policy of {provider} asks for a replay{_compared(found.evidence)}",
    }[found.doubt]


def _compared(evidence: PairEvidence) -> str:
    fits = evidence.comparison is not None and evidence.comparison.verdict is ComparisonVerdict.COMPATIBLE
    return ", though the pact fits its service contract" if fits else ""


def _document(row: Row) -> str:
    document = row.contract.document if row.contract else None
    return document.name if document else ""


def _problems(row: Row) -> str:
    return " and ".join(row.contract.problems) if row.contract else ""
