"""How much work the explanation of refused values may take."""

MOST_STEPS = 50_000
"""Keywords that are looked at: each takes some ten microseconds."""


class TooManyStepsError(Exception):
    """There is no more work allowed."""


class Steps:
    """Counts work; several questions may share one."""

    def __init__(self, most: int = MOST_STEPS) -> None:
        self._left = most

    def take(self) -> None:
        """Count one step. Raises TooManyStepsError when all are taken."""
        self._left -= 1
        if self._left < 0:
            raise TooManyStepsError
