"""What is known between a version and all environments at once, divided as questions about each find it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from broker.domain.decisions.contract_facts import NONE, ContractFacts
from broker.domain.decisions.matrix import Row, Verdict
from broker.domain.decisions.selectors import Choice, VersionRef

_Pact = tuple[str, VersionRef, str, int]


def rows_between(rows: Iterable[Row], choices: Sequence[Choice]) -> list[Row]:
    """Return the rows that a question about these choices alone would find.

    *rows* are those about more versions, current ones only. A pact that only other versions have verified has
    a row without a result.
    """
    found: dict[_Pact, list[Row]] = {}
    providers = {choice.selector.pacticipant for choice in choices}
    for row in rows:
        if row.provider in providers and _is_chosen(row.consumer, row.consumer_version, choices):
            key = (row.consumer, row.consumer_version, row.provider, row.revision)
            found.setdefault(key, []).append(row)
    return [row for of_pact in found.values() for row in _with_results(of_pact, choices)]


def facts_between(facts: ContractFacts, choices: Sequence[Choice]) -> ContractFacts:
    """Return what is known of service contracts between these choices; the rest is asked for by them."""
    if facts is NONE:
        return NONE
    pairs = tuple(
        pair
        for pair in facts.pairs
        if _is_chosen(pair.row.consumer, pair.row.consumer_version, choices)
        and _is_chosen(pair.row.provider, pair.row.provider_version, choices)
    )
    return replace(facts, pairs=pairs)


def _with_results(rows: Sequence[Row], choices: Sequence[Choice]) -> list[Row]:
    chosen = [row for row in rows if _is_chosen(row.provider, row.provider_version, choices)]
    without = replace(
        rows[0], provider_version=None, verdict=Verdict.UNKNOWN, result_number=None, verified_at=None
    )
    return chosen or [without]


def _is_chosen(name: str, version: VersionRef | None, choices: Sequence[Choice]) -> bool:
    return version is not None and any(choice.covers(name, version) for choice in choices)
