"""Deletions that a person asks for: what goes with the thing, and that its name was typed."""

from collections.abc import Mapping, Sequence
from dataclasses import field

from broker.domain.errors import ValidationError
from tally.amounts import counted
from tally.values import dataclass

TYPED = "name"
"""The field in which the name is typed."""
_MANY = 10_000
_PLURALS = {"branch": "branches", "delivery": "deliveries"}


@dataclass(frozen=True)
class Deletion:
    """A thing that may be deleted; *counts* says how much goes with it: {"result": 3}.

    *typed* is what has to be typed, where that is not the name.
    """

    what: str
    name: str
    counts: Mapping[str, int] = field(default_factory=dict)
    remarks: Sequence[str] = ()
    typed: str = ""

    @property
    def key(self) -> str:
        """What has to be typed."""
        return self.typed or self.name

    @property
    def goes_with_it(self) -> list[str]:
        """What goes with it, in words."""
        return [_amount(number, thing) for thing, number in self.counts.items() if number]

    @property
    def said(self) -> str:
        """What is said when it was deleted."""
        gone = ", ".join(self.goes_with_it)
        return f"The {self.what} {self.name} was deleted{f', with {gone}' if gone else ''}."

    def check_typed(self, text: str) -> None:
        """Raise ValidationError unless the text is the name; a page shows several spaces as one."""
        if not text.strip():
            raise ValidationError({TYPED: [f"must be {self.key}, to be sure that this {self.what} is meant"]})
        if text.split() != self.key.split():
            raise ValidationError({TYPED: [f"is not the name of this {self.what}: {self.key}"]})


def _amount(number: int, thing: str) -> str:
    if number > _MANY:
        return f"more than {_MANY:,} {_PLURALS.get(thing, f'{thing}s')}"
    return f"{number:,} {_PLURALS[thing]}" if number > 1 and thing in _PLURALS else counted(number, thing)
