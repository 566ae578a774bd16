"""The columns of a picture: nodes, and bends where an edge passes one, in an order with few crossings."""

from collections.abc import Sequence
from itertools import pairwise

from broker.domain.network.cycles import Edge
from tally.values import dataclass

_SWEEPS = 24
_PATIENCE = 6
"""How many sweeps in a row may bring nothing."""


@dataclass(frozen=True)
class Columns:
    """Nodes (0 to *size* - 1) and bends (from *size* on) of each column, from top to bottom.

    *chains* has the bends of each edge between its ends. *before* and *after* are what each node and bend is
    connected with in the columns beside it.
    """

    size: int
    columns: list[list[int]]
    chains: dict[Edge, list[int]]
    before: list[list[int]]
    after: list[list[int]]


def columns(ranks: Sequence[int], edges: Sequence[Edge]) -> Columns:
    """Return the columns with a bend wherever an edge passes one, in an order with few crossings."""
    found = _with_bends(ranks, edges)
    return Columns(
        found.size, _with_few_crossings(found), found.chains, before=found.before, after=found.after
    )


def _with_bends(ranks: Sequence[int], edges: Sequence[Edge]) -> Columns:
    size = len(ranks)
    filled: list[list[int]] = [[] for _ in range(max(ranks, default=-1) + 1)]
    for node, rank in enumerate(ranks):
        filled[rank].append(node)
    before: list[list[int]] = [[] for _ in range(size)]
    after: list[list[int]] = [[] for _ in range(size)]
    chains = {}
    for start, end in edges:
        chain = [start]
        for rank in range(ranks[start] + 1, ranks[end]):
            chain.append(len(before))
            filled[rank].append(len(before))
            before.append([])
            after.append([])
        chain.append(end)
        chains[start, end] = chain
        for left, right in pairwise(chain):
            after[left].append(right)
            before[right].append(left)
    return Columns(size, filled, chains, before, after)


def _with_few_crossings(found: Columns) -> list[list[int]]:
    """Sort each column by the middle of what its nodes are connected with, to the right and back again."""
    now = [list(column) for column in found.columns]
    position = [0] * len(found.before)
    for column in now:
        _number(column, position)
    best, fewest, idle = now, _crossings(now, found.after, position), 0
    for sweep in range(_SWEEPS):
        if not fewest or idle == _PATIENCE:
            break
        now = [list(column) for column in now]
        to_the_right = sweep % 2 == 0
        beside = found.before if to_the_right else found.after
        for column in now[1:] if to_the_right else now[-2::-1]:
            _sort(column, beside, position)
        crossings = _crossings(now, found.after, position)
        if crossings < fewest:
            best, fewest, idle = now, crossings, 0
        else:
            idle += 1
    return best


def _sort(column: list[int], beside: list[list[int]], position: list[int]) -> None:
    middle = {
        node: sum([position[other] for other in beside[node]]) / len(beside[node])
        if beside[node]
        else position[node]
        for node in column
    }
    column.sort(key=middle.__getitem__)
    _number(column, position)


def _number(column: list[int], position: list[int]) -> None:
    for index, node in enumerate(column):
        position[node] = index


def _crossings(columns: list[list[int]], after: list[list[int]], position: list[int]) -> int:
    """Count how many edges cross between neighbouring columns, with sums in a binary tree (Fenwick)."""
    total = 0
    for column, right in pairwise(columns):
        size = len(right)
        tree = [0] * (size + 1)
        ends = [end for node in column for end in sorted([position[other] for other in after[node]])]
        for passed, end in enumerate(ends):
            above, index = 0, end + 1
            while index:
                above += tree[index]
                index &= index - 1
            total += passed - above
            index = end + 1
            while index <= size:
                tree[index] += 1
                index += index & -index
    return total
