"""What an import did, and what a person must know of it."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import field

from tally.errors import BrokerRefusedError, InvalidContractError, UnauthorisedError
from tally.importing.shapes import UnexpectedAnswerError
from tally.values import dataclass

SERVER_ERROR = 500
OVERLOADED = frozenset({408, 429, 502, 503, 504})
"""Statuses that say nothing of the one thing that was asked for."""


@dataclass
class Journal:
    """Counts by kind, and sentences: *problems* were not copied, *remarks* are good to know."""

    copied: Counter[str] = field(default_factory=Counter)
    present: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def problem(self, text: str) -> None:
        """Note something that is not copied, or is different in the target."""
        self.problems.append(text)

    def remark(self, text: str) -> None:
        """Note once what is good to know."""
        if text not in self.remarks:
            self.remarks.append(text)

    def refused(self, what: str, error: BrokerRefusedError) -> None:
        """Note that the target refused one thing; raise the error again when it would refuse all of them."""
        if isinstance(error, UnauthorisedError) or error.status >= SERVER_ERROR or error.status in OVERLOADED:
            raise error
        self.problem(f"{what} was refused: {error}")

    @contextmanager
    def if_permitted(self, problem: str) -> Iterator[None]:
        """Note a problem when a broker forbids what the block asks, and go on with something else."""
        try:
            yield
        except UnauthorisedError as error:
            self.problem(f"{problem}: {error}")

    def unreadable(self, what: str, error: Exception) -> None:
        """Note that the source does not give one thing; raise the error again when it may give none now."""
        is_its_own = isinstance(error, InvalidContractError | UnexpectedAnswerError) or (
            isinstance(error, BrokerRefusedError)
            and not isinstance(error, UnauthorisedError)
            and error.status not in OVERLOADED
        )
        if not is_its_own:
            raise error
        self.problem(f"{what} cannot be read: {error}")
