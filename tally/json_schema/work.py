"""A bound on the work that a schema may ask for."""

MOST_EXPLAINED = 50_000
"""Keywords that are looked at to explain why a value is refused: each takes some ten microseconds."""


class OutOfWorkError(Exception):
    """A schema asks for more work than it is worth."""


class Work:
    """How many steps may still be taken; several questions may share one."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def take(self, steps: int = 1) -> None:
        """Raise OutOfWorkError when none are left."""
        self._left -= steps
        if self._left < 0:
            raise OutOfWorkError
