"""Which edges of a graph are drawn against the others, so that what is left has no circle."""

from collections.abc import Sequence

Edge = tuple[int, int]


def against_the_flow(size: int, edges: Sequence[Edge]) -> set[Edge]:
    """Return few edges without which the graph of nodes 0 to *size* - 1 has no circle; none if it has none.

    The nodes are put in a row (Eades, Lin and Smyth 1993): one that nobody needs goes to the front, one that
    needs nobody to the end. When there is no such node, the one that needs most of what is left, compared
    with how many need it, goes to the front. The edges that lead backwards in the row are returned.
    """
    needs: list[set[int]] = [set() for _ in range(size)]
    needed_by: list[set[int]] = [set() for _ in range(size)]
    for consumer, provider in edges:
        needs[consumer].add(provider)
        needed_by[provider].add(consumer)
    row = _Row(needs, needed_by)
    place = {node: index for index, node in enumerate(row.made())}
    return {(consumer, provider) for consumer, provider in edges if place[consumer] > place[provider]}


class _Row:
    """The nodes that are still to be put in a row, with the edges between them."""

    def __init__(self, needs: list[set[int]], needed_by: list[set[int]]) -> None:
        self._needs = needs
        self._needed_by = needed_by
        self._left = dict.fromkeys(range(len(needs)))
        self._free = [node for node in self._left if self._is_free(node)]

    def made(self) -> list[int]:
        """Return all nodes in their row."""
        front: list[int] = []
        end: list[int] = []
        while self._left:
            node = self._next()
            (front if self._needs[node] or not self._needed_by[node] else end).append(node)
            self._take(node)
        return front + end[::-1]

    def _is_free(self, node: int) -> bool:
        return not (self._needs[node] and self._needed_by[node])

    def _next(self) -> int:
        while self._free:
            node = self._free.pop()
            if node in self._left:
                return node
        return max(self._left, key=lambda node: len(self._needs[node]) - len(self._needed_by[node]))

    def _take(self, node: int) -> None:
        del self._left[node]
        for other in self._needs[node]:
            self._needed_by[other].discard(node)
        for other in self._needed_by[node]:
            self._needs[other].discard(node)
        touched = self._needs[node] | self._needed_by[node]
        self._free += sorted(other for other in touched if self._is_free(other))
