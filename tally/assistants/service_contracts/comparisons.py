"""Tools that compare what consumers need with what providers promise, without running anything."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

from tally.assistants.answers import Answer, ToolError, page_of, quoted
from tally.assistants.judging.process import UndecidedError, judged
from tally.assistants.pacts.pact_choice import ChosenPact, PactChoice, chosen_pacts
from tally.assistants.service_contracts.contract_choice import (
    ChosenContract,
    ContractChoice,
    chosen_contracts,
)
from tally.assistants.sources.sources import Sources
from tally.values import dataclass

_ORDER = ("error", "warning")
_WORST_FIRST = ("incompatible", "unknown", "compatible")
_MOST_COMPARISONS = 10


def compare_pact(  # noqa: PLR0913 - what may be asked, all named at the call
    sources: Sources,
    *,
    pact: Annotated[
        str | None, "Path of a pact file, or its text. Or leave it out, and name consumer and provider."
    ] = None,
    consumer: Annotated[str | None, "The consumer whose pact is meant."] = None,
    consumer_version: Annotated[str | None, "The version of the consumer; the newest with a pact."] = None,
    provider: Annotated[str | None, "The provider; the one that the pact names."] = None,
    contract: Annotated[
        str | None, "Path of the provider's service contract, such as openapi.yaml, or its text."
    ] = None,
    provider_version: Annotated[
        str | None, "The version whose service contract at the broker counts."
    ] = None,
    environment: Annotated[str | None, "In place of a version: what is in this environment."] = None,
    branch: Annotated[
        Literal["any", "main"], "Without a version: the newest contract of any branch, or of the main one."
    ] = "any",
    policy: Annotated[
        Literal["possible", "guaranteed"],
        "Whether the provider may answer as the consumer needs (possible), or always does (guaranteed).",
    ] = "possible",
    page: Annotated[int, "Page of the findings, from 1 on."] = 1,
) -> Answer:
    """Say whether a pact fits the service contract of its provider, interaction by interaction.

    Nothing is run. `unknown` is not a yes: `not_compared` says what could not be compared, and why.
    """
    pacts = chosen_pacts(sources, PactChoice(pact, consumer, provider, consumer_version))
    service = provider or pacts[0].provider
    choice = ContractChoice(
        ("contract", "provider_version", "provider"),
        service,
        contract,
        provider_version,
        environment,
        branch == "main",
    )
    contracts = chosen_contracts(sources, choice)
    pairs = [(each, other) for each in pacts for other in contracts]
    if len(pairs) > _MOST_COMPARISONS:
        raise ToolError(f"These are {len(pairs)} comparisons: name one pact and one version of the provider.")
    compared = [_compared(each, other, policy) for each, other in pairs]
    verdict = next(each for each in _WORST_FIRST if any(one.verdict == each for one in compared))
    return Answer(
        " ".join(each.sentence() for each in compared[:3]),
        {
            "verdict": verdict,
            "compared": [each.summary() for each in compared],
            "findings": page_of([row for each in compared for row in each.rows(len(pairs) > 1)], page),
            "not_compared": [missing for each in compared for missing in each.not_compared],
        },
        next=_next(verdict, policy),
        links=_links(pacts, contracts),
    )


@dataclass(frozen=True)
class _Comparison:
    pact: ChosenPact
    contract: ChosenContract
    verdict: str
    interactions: Sequence[dict[str, Any]] = ()
    not_compared: Sequence[dict[str, str]] = ()

    @property
    def _names(self) -> str:
        return f"the pact {quoted(self.pact.name)} and the contract {quoted(self.contract.name)}"

    @property
    def _counts(self) -> Counter[str]:
        return Counter(each["verdict"] for each in self.interactions)

    def sentence(self) -> str:
        counts = self._counts
        number = sum(counts.values())
        all_of_them = f"{number} interaction{'s' * (number != 1)}"
        if self.verdict == "incompatible":
            return f"No: {self._names} do not fit; {counts['error']} of {all_of_them} cannot work."
        if self.verdict == "compatible":
            return f"Yes: {self._names} fit ({all_of_them} compared)."
        return f"Unknown: whether {self._names} fit is not known; {len(self.not_compared)} not compared."

    def summary(self) -> dict[str, Any]:
        named = {"pact": self.pact.name, "contract": self.contract.name}
        return {**named, "verdict": self.verdict, "interactions": dict(self._counts)}

    def rows(self, with_names: bool) -> Iterator[dict[str, Any]]:  # noqa: FBT001 - of several
        """Yield the findings, errors first."""
        names = {"pact": self.pact.name, "contract": self.contract.name} if with_names else {}
        found = [(each, finding) for each in self.interactions for finding in each["findings"]]
        for severity in _ORDER:
            for each, finding in found:
                if finding["severity"] == severity:
                    yield names | {"interaction": each["description"]} | _shown(finding)


def _shown(finding: dict[str, Any]) -> dict[str, Any]:
    kept = {key: finding[key] for key in ("severity", "question", "code", "text")}
    kept |= {"in_pact": finding["pact"], "in_contract": finding["document"]}
    return kept | ({"reason": finding["reason"]} if "reason" in finding else {})


def _compared(pact: ChosenPact, contract: ChosenContract, policy: str) -> _Comparison:
    try:
        found = judged(
            "compare", pact=pact.document, documents=list(contract.documents.values()), policy=policy
        )
    except UndecidedError as error:
        return _Comparison(
            pact, contract, "unknown", not_compared=[{"what": "the whole pact", "why": error.reason}]
        )
    missing = [
        {"what": each["description"], "why": finding["text"]}
        for each in found["interactions"]
        for finding in each["findings"]
        if finding.get("unknown")
    ]
    return _Comparison(pact, contract, found["verdict"], found["interactions"], missing)


def _next(verdict: str, policy: str) -> list[str]:
    if verdict == "incompatible":
        return [
            "Correct the consumer's test where it needs what the provider does not do, by `findings`.",
            "Correct the contract where the provider does it already, and ask again with the changed file.",
        ]
    if verdict == "unknown":
        return [
            "Read `not_compared`: what could not be compared, and why. Verify the pact with `tally verify`."
        ]
    more = ["Ask with policy guaranteed: whether every answer fits."] if policy == "possible" else []
    return [*more, "A comparison runs nothing: `tally verify` shows that the provider keeps its contract."]


def _links(pacts: Sequence[ChosenPact], contracts: Sequence[ChosenContract]) -> dict[str, str]:
    # Names and versions are what somebody else wrote: they stand in `data`.
    found = [("pact", each.url) for each in pacts] + [("contract", each.url) for each in contracts]
    links: dict[str, str] = {}
    for kind, url in found:
        if url:
            number = sum(name.startswith(kind) for name in links)
            links[f"{kind} {number + 1}" if number else kind] = url
    return links
