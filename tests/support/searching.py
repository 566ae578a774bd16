"""How many examples random searches try: a fixed number, and many times that in `make endure`."""

import os

from hypothesis import HealthCheck, settings

TIMES = int(os.environ.get("SEARCH_TIMES", "1"))


def search(examples: int = 100, *, is_fixed: bool = False) -> settings:
    """Return settings for so many examples: where *is_fixed*, the same each time except in `make endure`."""
    return settings(
        max_examples=examples * TIMES,
        derandomize=is_fixed and TIMES == 1,
        # The machine may be busy.
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
