"""What service contracts declare that they need of other services, and which versions have it."""

from collections.abc import Iterable, Iterator, Sequence

from broker.domain.decisions.contract_facts import ContractFacts, Declared
from broker.domain.decisions.evidence import Kind
from broker.domain.decisions.matrix import ContractPart, Row, Verdict, worst
from broker.domain.decisions.selectors import Choice, VersionRef
from tally.service_contract.version_ranges import parse_range
from tally.values import dataclass


@dataclass(frozen=True)
class Finding:
    """Whether a version has what is needed, and what it has not, as the end of a sentence."""

    verdict: Verdict
    problem: str = ""


def dependency_rows(facts: ContractFacts, choices: Sequence[Choice]) -> list[Row]:
    """Return a row for each consumer version that needs something, and each version of the provider.

    Without a version to compare with, there is a row without one.
    """
    return [
        _row(needed, version, findings)
        for needed, version, findings in _compared(facts, choices, required=True)
    ]


def lacking_options(facts: ContractFacts, choices: Sequence[Choice]) -> list[tuple[Declared, str]]:
    """Return what is declared as not required and is not there, as the end of a sentence."""
    return [
        (needed[0], _provider(needed[0], version) + " " + _problems(findings)[0])
        for needed, version, findings in _compared(facts, choices, required=False)
        if version is not None and _worst(findings) is not Verdict.SUCCESS
    ]


def _compared(
    facts: ContractFacts, choices: Sequence[Choice], *, required: bool
) -> Iterator[tuple[list[Declared], VersionRef | None, list[Finding]]]:
    groups: dict[tuple[VersionRef, str], list[Declared]] = {}
    for declared in facts.declared:
        if declared.required is required and _is_asked(declared, choices):
            groups.setdefault((declared.consumer_version, declared.provider), []).append(declared)
    for needed in groups.values():
        for version in _versions(needed[0].provider, facts, choices) or [None]:
            yield needed, version, [_finding(each, version, facts) for each in needed]


def _is_asked(declared: Declared, choices: Sequence[Choice]) -> bool:
    """Return whether the question is about the consumer or the provider, and knows both."""
    if len(choices) == 1:
        return True
    meant = [
        choice
        for choice in choices
        if choice.covers(declared.consumer, declared.consumer_version)
        or choice.selector.pacticipant == declared.provider
    ]
    names = {choice.selector.pacticipant for choice in meant}
    return names >= {declared.consumer, declared.provider} and any(choice.specified for choice in meant)


def _versions(provider: str, facts: ContractFacts, choices: Sequence[Choice]) -> list[VersionRef | None]:
    of_provider = [choice for choice in choices if choice.selector.pacticipant == provider]
    if not of_provider or any(choice.selector.is_open for choice in of_provider):
        return [facts.newest[provider]] if provider in facts.newest else []
    return list(dict.fromkeys(version for choice in of_provider for version in choice.versions))


def _finding(declared: Declared, version: VersionRef | None, facts: ContractFacts) -> Finding:
    if version is None:
        return Finding(Verdict.UNKNOWN, "is not there")
    in_range = declared.versions is None or parse_range(declared.versions).accepts(version.number)
    if in_range is False:
        return Finding(Verdict.FAILED, f"is not in the range {declared.versions!r}")
    offered = facts.offered.get(version.id)
    if offered is not None:
        lacking = [need.name for need in declared.needs if need.key not in offered]
        if lacking:
            return Finding(Verdict.FAILED, f"has no {' and no '.join(lacking)} in its service contract")
    elif declared.needs:
        names = " and ".join(need.name for need in declared.needs)
        return Finding(Verdict.UNKNOWN, f"has no service contract, so nobody knows whether it has {names}")
    if in_range is None:
        return Finding(Verdict.UNKNOWN, f"cannot be compared with the range {declared.versions!r}")
    return Finding(Verdict.SUCCESS)


def _row(needed: Sequence[Declared], version: VersionRef | None, findings: Sequence[Finding]) -> Row:
    first, verdict = needed[0], _worst(findings)
    return Row(
        consumer=first.consumer,
        consumer_version=first.consumer_version,
        provider=first.provider,
        provider_version=version,
        verdict=verdict,
        sha="",
        published_at=first.published_at,
        verified_at=None if verdict is Verdict.UNKNOWN else first.published_at,
        contract=ContractPart(Kind.DEPENDENCY, problems=tuple(_problems(findings))),
    )


def _worst(findings: Iterable[Finding]) -> Verdict:
    return worst(*(finding.verdict for finding in findings))


def _problems(findings: Iterable[Finding]) -> list[str]:
    return [finding.problem for finding in findings if finding.problem]


def _provider(declared: Declared, version: VersionRef | None) -> str:
    return f"{declared.provider} {version.number}" if version else declared.provider
