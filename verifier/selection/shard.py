"""One of several parts of a run that different machines verify. Pure."""

import hashlib
import re
from collections.abc import Sequence

from tally.errors import UsageError
from tally.values import dataclass
from verifier.contents.json_values import json_bytes, jsonable
from verifier.contracts.cases import AnyCase
from verifier.contracts.contract import Contract


@dataclass(frozen=True)
class Shard:
    """The part *index*, from 1, of *count* parts."""

    index: int
    count: int

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"

    def holds(self, contract: Contract, case: AnyCase) -> bool:
        """Whether *case* belongs to this part: each belongs to exactly one, the same on every machine."""
        states = [[state.name, jsonable(state.params)] for state in case.states]
        key = json_bytes([contract.consumer, contract.provider, case.description, states], sort_keys=True)
        # Not `hash`, which differs between processes, nor the position, which changes with every new case.
        number = int.from_bytes(hashlib.sha256(key).digest()[:8])
        return number % self.count == self.index - 1


def read_shard(text: str | None) -> Shard | None:
    """Read "3/8", part 3 of 8; raises UsageError."""
    if text is None:
        return None
    found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
    if not found or not 1 <= int(found[1]) <= int(found[2]):
        raise UsageError(f"--shard {text!r}: write the part and the number of parts as 3/8, from 1/8 to 8/8.")
    return Shard(int(found[1]), int(found[2]))


def sharded(
    contracts: Sequence[Contract], shard: Shard | None, *, keep_empty: bool = False
) -> tuple[Contract, ...]:
    """Return the contracts with the cases of *shard*; contracts without any only with *keep_empty*."""
    if shard is None:
        return tuple(contracts)
    narrowed = (
        contract.with_cases(tuple(case for case in contract.cases if shard.holds(contract, case)))
        for contract in contracts
    )
    return tuple(contract for contract in narrowed if contract.cases or keep_empty)
