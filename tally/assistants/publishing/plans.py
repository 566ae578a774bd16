"""What a tool that writes will do: said first, and done when it is confirmed."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Annotated

from tally.assistants.answers import Answer, ToolError
from tally.values import dataclass

Confirmed = Annotated[
    str | None,
    "Without it, the answer says what would be written, and nothing is. That answer has a code: give it here "
    "when the user agrees, and exactly that is done.",
]
_CODE_LENGTH = 8


def check_not_blank(**texts: str | None) -> None:
    """Raise ToolError, which names the field, for a text that is given and says nothing."""
    for field_name, text in texts.items():
        if text is not None and not text.strip():
            raise ToolError(f"{field_name} is empty. (A variable, or the output of a command?)")


@dataclass(frozen=True)
class Plan:
    """What will be written, checked against the broker. *aim* ends a sentence: "publish 2 pacts of `Shop`".

    *steps* name everything that changes; without any there is nothing to do. *warnings* say why it may be a
    mistake. *contents* are the hashes of what is written.
    """

    aim: str
    steps: Sequence[str]
    warnings: Sequence[str] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    contents: Sequence[str] = ()

    @property
    def code(self) -> str:
        """What confirms this plan, and no other."""
        parts = "\0".join((self.aim, *self.steps, *self.contents))
        return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()[:_CODE_LENGTH]

    def is_confirmed(self, code: str | None) -> bool:
        """Whether it is to be done. Raises ToolError for the code of something else."""
        if code is None or not self.steps:
            return False
        if code != self.code:
            raise ToolError(
                "confirm: this is not the code of what would be written now: it is another, or has changed "
                "since. Call again without confirm, and show the user that answer."
            )
        return True

    def proposal(self, tool: str) -> Answer:
        """Return the answer while *tool* is not confirmed, or where there is nothing to do."""
        data = {"warnings": list(self.warnings)} if self.warnings else None
        if not self.steps:
            return Answer(
                f"Nothing is written: no need to {self.aim}, it is so already.", data, links=self.links
            )
        call = f'{tool} with the same arguments and confirm: "{self.code}"'
        steps = [f"Show this to the user. If they agree: {call}."]
        if self.warnings:
            steps.insert(0, "Tell the user the warnings: what is written cannot be taken back here.")
        return Answer(
            f"Nothing is written yet. Confirmed, this will {self.aim}.",
            {"will": list(self.steps), **(data or {})},
            next=steps,
            links=self.links,
        )
