"""A layered picture of a graph: each consumer is left of what it needs (Sugiyama's steps).

Edges that close a circle are turned round; each node gets a column; edges that pass a column get a bend
there; the columns are sorted so that few edges cross; and then everything is given its height.
"""

from collections.abc import Iterable, Mapping

from broker.domain.network.columns import columns
from broker.domain.network.cycles import against_the_flow
from broker.domain.network.heights import heights
from broker.domain.network.ranks import ranks
from tally.values import dataclass


@dataclass(frozen=True)
class Place:
    """The number of the column from the left, and how far down the middle is."""

    column: int
    height: float


@dataclass(frozen=True)
class Spacing:
    """How far apart the middles of two things have to be that follow each other in a column."""

    nodes: float = 44
    node_and_bend: float = 26
    bends: float = 9

    def between(self, upper: bool, lower: bool) -> float:  # noqa: FBT001 - the two things, each a node or not
        """Return the distance; True stands for a node, False for a bend."""
        if upper and lower:
            return self.nodes
        return self.node_and_bend if upper or lower else self.bends


@dataclass(frozen=True)
class Layout:
    """Where each node is, and through which places each edge leads, from consumer to provider.

    The route of an edge from a node to itself is its place alone.
    """

    places: Mapping[str, Place]
    routes: Mapping[tuple[str, str], tuple[Place, ...]]


def layered(
    nodes: Iterable[str],
    edges: Iterable[tuple[str, str]],
    spacing: Spacing = Spacing(),  # noqa: B008 - it cannot be changed
) -> Layout:
    """Return the picture; the order in which nodes and edges are given changes nothing."""
    names = sorted({*nodes})
    number = {name: index for index, name in enumerate(names)}
    given = sorted({(number[consumer], number[provider]) for consumer, provider in edges})
    others = [edge for edge in given if edge[0] != edge[1]]
    turned = against_the_flow(len(names), others)
    flow = sorted({edge[::-1] if edge in turned else edge for edge in others})
    found = columns(ranks(len(names), flow), flow)
    height = heights(found, spacing.between)
    places = {node: Place(rank, height[node]) for rank, column in enumerate(found.columns) for node in column}
    routes = {}
    for start, end in given:
        if start == end:
            chain = [start]
        elif (start, end) in turned:
            chain = found.chains[end, start][::-1]
        else:
            chain = found.chains[start, end]
        routes[names[start], names[end]] = tuple(places[node] for node in chain)
    return Layout({name: places[index] for index, name in enumerate(names)}, routes)
