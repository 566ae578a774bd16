"""A contract to verify: its cases, and where it was read from."""

from dataclasses import replace
from typing import TYPE_CHECKING

from tally.service_contract.model import ServiceContract
from tally.values import dataclass
from verifier.contracts.cases import AnyCase

if TYPE_CHECKING:  # not every run has a broker
    from tally.hal import Resource


@dataclass(frozen=True)
class RunNotice:
    """A sentence that the broker wants shown; *when* names the point in the run (reference §6.7)."""

    when: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Contract:
    """A pact, or the service contract of a provider (then *consumer* is None).

    *source* is the file or URL that it was read from. *resource* is the broker's resource that links to where
    results are published, None for a contract that did not come from a broker. A failure of a *pending*
    contract is shown but does not fail the run. *warnings* are shown before the contract is verified.
    *service_contract* is what a service contract promises.
    """

    provider: str
    source: str
    cases: tuple[AnyCase, ...]
    consumer: str | None = None
    pending: bool = False
    notices: tuple[RunNotice, ...] = ()
    warnings: tuple[str, ...] = ()
    resource: "Resource | None" = None
    service_contract: ServiceContract | None = None

    @property
    def name(self) -> str:
        """The name that reports show."""
        if self.consumer is None:
            return f"Service contract of {self.provider}"
        return f"Pact between {self.consumer} and {self.provider}"

    def with_cases(self, cases: tuple[AnyCase, ...]) -> "Contract":
        """Return this contract with only *cases*."""
        return replace(self, cases=cases)

    def notices_for(self, when: str) -> tuple[str, ...]:
        """Return the sentences for the point *when*, in the broker's order.

        They do not repeat the address of the contract, which is long: reports show it above them.
        """
        texts = [notice.text for notice in self.notices if notice.when == when]
        return tuple(text.replace(f"The pact at {self.source}", "This pact") for text in texts)
