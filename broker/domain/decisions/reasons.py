"""Why a version can or cannot be deployed: one value for each reason (Pact Broker reference §8.7)."""

from abc import ABC, abstractmethod
from dataclasses import field
from typing import ClassVar

from broker.domain.decisions.matrix import Row
from broker.domain.decisions.selectors import Choice, Target, describe
from broker.domain.model import NoticeType
from tally.values import dataclass


@dataclass(frozen=True)
class Reason(ABC):
    """Base class; reasons with the same text are equal, so that each is given once."""

    type: ClassVar[NoticeType]

    @property
    @abstractmethod
    def text(self) -> str:
        """Return the reason as a sentence."""


@dataclass(frozen=True)
class IgnoredDoesNotExist(Reason):
    """The question ignores a version that does not exist: perhaps it is misspelt."""

    choice: Choice
    type = "warning"

    @property
    def text(self) -> str:
        return f"The question ignores {describe(self.choice)}: check the name"


@dataclass(frozen=True)
class NoEnvironment(Reason):
    """Nothing says with which versions of the other applications the version is compared."""

    type = "warning"

    @property
    def text(self) -> str:
        return (
            "No environment was given, so a result with any version of the others counts. Name an "
            "environment to compare with the versions in it."
        )


@dataclass(frozen=True)
class NoVersionNumber(Reason):
    """No selector has a version number: which version is the latest may change before the deployment."""

    type = "warning"

    @property
    def text(self) -> str:
        return (
            "No version number was given. Ask about the number that is going to be deployed: the latest "
            "version may have changed since it was built."
        )


@dataclass(frozen=True)
class NothingAtTarget(Reason):
    """No other application has a version with the tag, or on the branch, to compare with."""

    target: Target
    type = "warning"

    @property
    def text(self) -> str:
        target = self.target
        which = f"has the tag {target.tag}" if target.tag is not None else f"is on the branch {target.branch}"
        return (
            f"No version of the other applications {which}: check the name, there was nothing to compare with"
        )


@dataclass(frozen=True)
class VersionMissing(Reason):
    """A selector that was asked about finds no version."""

    choice: Choice
    type = "error"

    @property
    def text(self) -> str:
        selector = self.choice.selector
        name = selector.pacticipant
        if selector.version is not None:
            return f"No pacts or verification results are published for version {selector.version} of {name}"
        if selector.tag is not None:
            return f"No version of {name} has the tag {selector.tag}"
        if selector.branch is not None:
            return f"No version of {name} is on the branch {selector.branch}"
        if selector.main_branch:
            return f"No version of {name} is on its main branch"
        if selector.environment is not None:
            return f"No version of {name} is recorded as deployed or released in {selector.environment}"
        return f"There are no versions of {name} yet"


@dataclass(frozen=True)
class ProviderMissing(Reason):
    """The consumer has a pact with a provider, and there is no row for the two."""

    consumer: str
    provider: str
    type = "error"

    @property
    def text(self) -> str:
        return _no_verified_pact(self.consumer, self.provider)


@dataclass(frozen=True)
class AboutRow(Reason):
    """Base class: a reason about one row; *consumer* and *provider* are its versions in words.

    *outcome* is what became of the pair, as the end of a sentence that begins with the two.
    """

    outcome: ClassVar[str]
    consumer: str
    provider: str
    row: Row = field(compare=False)

    @abstractmethod
    def next_step(self, pact_url: str, page_url: str | None) -> str:
        """Return what to do about it, as a sentence; *page_url* is that of the page with the result."""


@dataclass(frozen=True)
class Failed(AboutRow):
    """A verification failed."""

    type = "error"
    outcome = "failed"

    @property
    def text(self) -> str:
        return f"The verification of the pact between {self.consumer} and {self.provider} failed"

    def next_step(self, pact_url: str, page_url: str | None) -> str:
        version = self.row.provider_version
        number = f" {version.number}" if version else ""
        return (
            f"See {page_url or pact_url} for what failed. Then deploy a version of {self.row.provider} that "
            f"fulfils the pact, or change what {self.row.consumer} expects of {self.row.provider}{number}"
        )


@dataclass(frozen=True)
class NeverVerified(AboutRow):
    """The pact has no result. *candidates* are the versions of the provider that could verify it."""

    candidates: tuple[str, ...] = field(default=(), compare=False)
    environment: str | None = field(default=None, compare=False)
    type = "error"
    outcome = "was never verified"

    @property
    def text(self) -> str:
        return _no_verified_pact(self.consumer, self.provider)

    def next_step(self, pact_url: str, page_url: str | None) -> str:  # noqa: ARG002 - there is no result
        provider = self.row.provider
        if self.candidates:
            versions = " or ".join(self.candidates)
            return f"{provider} {versions} has to verify {pact_url}"
        if self.environment is not None:
            return (
                f"{provider} is not in {self.environment}: verify {pact_url} with the version of {provider} "
                "that is going there, deploy it, and record its deployment"
            )
        return f"A version of {provider} has to verify {pact_url}"


@dataclass(frozen=True)
class UnverifiedInEnvironment(NeverVerified):
    """This version, which is in the environment too, has no result; other versions have one."""

    @property
    def text(self) -> str:
        return (
            f"There is no result for the pact between {self.consumer} and {self.provider}: every version in "
            "an environment needs one"
        )


@dataclass(frozen=True)
class AllVerified(Reason):
    """All required results are there, and successful."""

    type = "success"

    @property
    def text(self) -> str:
        return "All required verification results are published and successful"


@dataclass(frozen=True)
class NoDependencies(Reason):
    """No pact needs a result."""

    type = "success"

    @property
    def text(self) -> str:
        return "There are no missing dependencies: no pact with the versions there needs a result"


def _no_verified_pact(consumer: str, provider: str) -> str:
    return f"There is no verified pact between {consumer} and {provider}"
