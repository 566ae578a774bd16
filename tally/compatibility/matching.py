"""Pairing as many as possible."""

from collections.abc import Mapping, Sequence


def maximum_matching(edges: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """Return a largest set of pairs of the *edges* in which nobody has two partners."""
    partner: dict[int, int] = {}

    def finds_partner(left: int, asked: set[int]) -> bool:
        for right in edges[left]:
            if right in asked:
                continue
            asked.add(right)
            if right not in partner or finds_partner(partner[right], asked):
                partner[right] = left
                return True
        return False

    for left in edges:
        finds_partner(left, set())
    return {left: right for right, left in sorted(partner.items(), key=lambda pair: pair[1])}
