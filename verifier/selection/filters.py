"""Filters that choose contracts and cases to verify. Pure; a filter that matches nothing is an error."""

import re
from collections.abc import Iterable, Sequence

from tally.errors import UsageError
from tally.values import dataclass
from verifier.contracts.cases import AnyCase
from verifier.contracts.contract import Contract
from verifier.selection.last_run import Key, case_key


@dataclass(frozen=True, kw_only=True)
class Filters:
    """The filters of a run. A case must match all that are set, except that states are alternatives.

    *last_failed* are the cases that failed in the last run; None does not filter by it.
    """

    description: re.Pattern[str] | None = None
    state: re.Pattern[str] | None = None
    no_state: bool = False
    consumers: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    last_failed: frozenset[Key] | None = None

    @property
    def narrow(self) -> bool:
        """Whether a contract may be verified only in part."""
        return bool(
            self.description or self.state or self.no_state or self.tags or self.last_failed is not None
        )


def of_consumers(contracts: Sequence[Contract], filters: Filters) -> tuple[Contract, ...]:
    """Return the contracts of the consumers in *filters*; raises UsageError when there are only others."""
    chosen = tuple(each for each in contracts if not filters.consumers or each.consumer in filters.consumers)
    if contracts and not chosen:
        raise UsageError(_no_such_consumer(contracts, filters))
    return chosen


def filtered(contracts: Sequence[Contract], filters: Filters) -> tuple[Contract, ...]:
    """Return the contracts with the cases that match *filters*, leaving out contracts without any.

    Raises UsageError when no case matches. Without contracts it returns none: `load` has refused that
    already, unless the user allows it.
    """
    narrowed = (
        contract.with_cases(tuple(case for case in contract.cases if _is_selected(contract, case, filters)))
        for contract in contracts
    )
    left = tuple(contract for contract in narrowed if contract.cases)
    if contracts and not left:
        raise UsageError(_nothing_matches(contracts, filters))
    return left


def _is_selected(contract: Contract, case: AnyCase, filters: Filters) -> bool:
    again = filters.last_failed is None or case_key(contract, case) in filters.last_failed
    return again and matches(case, filters)


def matches(case: AnyCase, filters: Filters) -> bool:
    """Whether *case* matches every filter; for states, --filter-state or --filter-no-state is enough."""
    if filters.description and not filters.description.search(case.description):
        return False
    if filters.tags and not set(filters.tags) & set(case.tags):
        return False
    if not (filters.state or filters.no_state):
        return True
    if not case.states:
        return filters.no_state
    state = filters.state
    return state is not None and any(state.search(each.name) for each in case.states)


def _no_such_consumer(contracts: Iterable[Contract], filters: Filters) -> str:
    names = sorted({contract.consumer for contract in contracts if contract.consumer})
    return (
        f"There is no contract of {' or '.join(filters.consumers)} (--filter-consumer): "
        f"the consumers are {', '.join(names) or 'none'}."
    )


def _nothing_matches(contracts: Sequence[Contract], filters: Filters) -> str:
    if filters.last_failed is not None and not filters.last_failed:
        return "Nothing failed when it last ran in this folder: leave out --last-failed to verify everything."
    descriptions = [repr(case.description) for contract in contracts for case in contract.cases]
    shown = ", ".join(descriptions[:5]) + (", …" if len(descriptions) > 5 else "")  # noqa: PLR2004 - a few
    tags = sorted({tag for contract in contracts for case in contract.cases for tag in case.tags})
    known = f" The tags are {', '.join(tags) or 'none'}." if filters.tags else ""
    return f"The filters match none of the {len(descriptions)} interactions: {shown}.{known}"
