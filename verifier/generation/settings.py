"""What the user wants to have generated."""

from tally.values import dataclass

EXAMPLES, VALID, INVALID, WORKFLOWS = "examples", "valid", "invalid", "workflows"
PHASES = (EXAMPLES, VALID, INVALID, WORKFLOWS)
DEFAULT_MOST = 100


@dataclass(frozen=True, kw_only=True)
class Generation:
    """The phases of a run, how many requests each makes at most for an operation, and the seed of them all.

    By default only examples are replayed: no provider is sent anything else unless somebody asks for it.
    """

    phases: tuple[str, ...] = (EXAMPLES,)
    most: int = DEFAULT_MOST
    seed: int = 0

    @property
    def beyond_examples(self) -> tuple[str, ...]:
        """The phases that make requests, in their order."""
        return tuple(phase for phase in PHASES if phase in self.phases and phase != EXAMPLES)
