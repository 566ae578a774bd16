"""Deletions that a person asks for: what goes with the thing, and that its name was typed."""

from collections.abc import Sequence
from dataclasses import dataclass

from broker.domain.errors import ValidationError
from tally.amounts import counted

TYPED = "name"
"""The field in which the name is typed."""


@dataclass(frozen=True)
class Deletion:
    """A thing that may be deleted; *goes_with_it* has how many of what is deleted with it."""

    what: str
    name: str
    goes_with_it: Sequence[tuple[int, str]] = ()
    remarks: Sequence[str] = ()

    @property
    def said(self) -> str:
        """What is said when it was deleted."""
        gone = ", ".join(counted(number, thing) for number, thing in self.goes_with_it)
        return f"The {self.what} {self.name} was deleted{f', with {gone}' if gone else ''}."

    def check_typed(self, text: str) -> None:
        """Raise ValidationError unless the text is the name; a page shows several spaces as one."""
        if not text.strip():
            raise ValidationError(
                {TYPED: [f"must be the name of the {self.what}, to be sure that it is meant"]}
            )
        if text.split() != self.name.split():
            raise ValidationError({TYPED: [f"is not the name of this {self.what}: {self.name}"]})
