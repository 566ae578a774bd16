"""How far down each node and bend of a picture stands."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from broker.domain.network.columns import Columns

_SWEEPS = 16
_ONE_SIDED = 4
"""Sweeps at the start that look only at the column before."""
_WEIGHT_OF_A_BEND = 4.0
_WEIGHT_OF_AN_EDGE = 0.2


def heights(found: Columns, gap: Callable[[bool, bool], float]) -> list[float]:
    """Return the height of the middle of each node and bend; the highest is at 0.

    *gap* says how far apart two things that follow each other in a column have to be; True stands for a node,
    False for a bend. Each is as close to what it is connected with as order and gaps allow.
    """
    gaps = [
        [gap(upper < found.size, lower < found.size) for upper, lower in pairwise(column)]
        for column in found.columns
    ]
    height = [0.0] * len(found.before)
    for column, apart in zip(found.columns, gaps, strict=True):
        _set(height, column, _stacked(apart))
    both = [before + after for before, after in zip(found.before, found.after, strict=True)]
    weights = [
        1 + _WEIGHT_OF_AN_EDGE * len(others) if node < found.size else _WEIGHT_OF_A_BEND
        for node, others in enumerate(both)
    ]
    for sweep in range(_SWEEPS):
        to_the_right = sweep % 2 == 0
        beside = both if sweep >= _ONE_SIDED else found.before if to_the_right else found.after
        for column, apart in list(zip(found.columns, gaps, strict=True))[:: 1 if to_the_right else -1]:
            wanted = [_middle(height, node, beside[node]) for node in column]
            _set(height, column, closest(wanted, [weights[node] for node in column], apart))
    top = min(height, default=0.0)
    return [value - top for value in height]


def closest(wanted: Sequence[float], weights: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """Return heights in the given order, with the gaps at least, as close as can be to the *wanted* ones.

    Those that would come too close move as one block to the weighted mean (pool adjacent violators).
    """
    offsets = _stacked(gaps)
    blocks: list[tuple[float, float, int]] = []
    for value, offset, weight in zip(wanted, offsets, weights, strict=True):
        total, mass, number = (value - offset) * weight, weight, 1
        while blocks and blocks[-1][0] * mass > total * blocks[-1][1]:
            above = blocks.pop()
            total, mass, number = total + above[0], mass + above[1], number + above[2]
        blocks.append((total, mass, number))
    means = [total / mass for total, mass, number in blocks for _ in range(number)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]


def _stacked(gaps: Sequence[float]) -> list[float]:
    heights = [0.0]
    for gap in gaps:
        heights.append(heights[-1] + gap)
    return heights


def _middle(height: list[float], node: int, others: list[int]) -> float:
    return sum([height[other] for other in others]) / len(others) if others else height[node]


def _set(height: list[float], column: list[int], values: Sequence[float]) -> None:
    for node, value in zip(column, values, strict=True):
        height[node] = value
