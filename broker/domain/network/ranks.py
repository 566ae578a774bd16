"""In which column each node of a graph without circles stands."""

from collections.abc import Sequence

from broker.domain.network.cycles import Edge

_ROUNDS = 6


def ranks(size: int, edges: Sequence[Edge]) -> list[int]:
    """Return the column of each node: every edge leads to a later one, and few of them are long."""
    after: list[list[int]] = [[] for _ in range(size)]
    before: list[list[int]] = [[] for _ in range(size)]
    for start, end in edges:
        after[start].append(end)
        before[end].append(start)
    order = _in_order(after, before)
    rank = [0] * size
    for node in order:
        rank[node] = max((rank[other] + 1 for other in before[node]), default=0)
    for _ in range(_ROUNDS):
        if not _moved_right(order, rank, before, after):
            break
    used = {column: number for number, column in enumerate(sorted(set(rank)))}
    return [used[column] for column in rank]


def _in_order(after: list[list[int]], before: list[list[int]]) -> list[int]:
    """Return the nodes, each after all those from which an edge leads to it."""
    open_edges = [len(others) for others in before]
    ready = [node for node, number in enumerate(open_edges) if not number]
    order = []
    while ready:
        node = ready.pop()
        order.append(node)
        for other in after[node]:
            open_edges[other] -= 1
            if not open_edges[other]:
                ready.append(other)
    return order


def _moved_right(order: list[int], rank: list[int], before: list[list[int]], after: list[list[int]]) -> bool:
    """Move nodes with more edges to the right than to the left closer to what is right of them."""
    moved = False
    for node in reversed(order):
        if len(after[node]) > len(before[node]):
            nearest = min(rank[other] for other in after[node]) - 1
            moved = moved or nearest != rank[node]
            rank[node] = nearest
    return moved
