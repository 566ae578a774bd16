"""How much of a service contract the results of verifying it are about."""

from collections.abc import Collection, Iterable

from broker.domain.insights.measured import measured
from broker.domain.service_contracts.needs import operation_key


def covered(keys: Collection[str], test_results: Iterable[bytes | None]) -> set[str]:
    """Return the operations, by their keys, that the results have an example or a request of.

    A result is named `operation/example`, and an operation without an id has slashes in its name.
    """
    found: set[str] = set()
    for text in test_results:
        for interaction in measured(text):
            words = interaction.id.split("/")
            candidates = (operation_key("/".join(words[:length])) for length in range(len(words), 0, -1))
            if key := next((key for key in candidates if key in keys), None):
                found.add(key)
    return found


def percentage(operations: int, covered_operations: int) -> float | None:
    """Return how much is covered; None when there is nothing to cover."""
    return 100 * min(1.0, covered_operations / operations) if operations else None
