"""The picture of who needs whom, for graphs of any shape."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.domain.network.heights import closest
from broker.domain.network.layout import Spacing, layered

SPACING = Spacing()
names = st.sampled_from([f"service {number}" for number in range(12)])
graphs = st.lists(st.tuples(names, names), max_size=40)
numbers = st.floats(-1000, 1000)


@given(graphs)
@settings(max_examples=60)
def test_nothing_overlaps(edges):
    nodes = nodes_of(edges)

    layout = layered(nodes, edges)

    assert set(layout.places) == nodes
    by_column = {}
    for place in layout.places.values():
        by_column.setdefault(place.column, []).append(place.height)
    for heights in by_column.values():
        assert all(lower - upper > SPACING.nodes - 0.001 for upper, lower in pairwise(sorted(heights)))


@given(graphs)
@settings(max_examples=60)
def test_each_edge_leads_from_its_consumer_to_its_provider_column_by_column(edges):
    layout = layered(nodes_of(edges), edges)

    assert set(layout.routes) == set(edges)
    for (consumer, provider), route in layout.routes.items():
        assert (route[0], route[-1]) == (layout.places[consumer], layout.places[provider])
        assert {abs(after.column - before.column) for before, after in pairwise(route)} <= {1}


@given(graphs)
@settings(max_examples=60)
def test_without_a_circle_every_consumer_is_left_of_its_providers(edges):
    downwards = [(consumer, provider) for consumer, provider in edges if consumer < provider]

    layout = layered(nodes_of(downwards), downwards)

    places = layout.places
    assert all(places[consumer].column < places[provider].column for consumer, provider in downwards)


@given(graphs, st.randoms())
@settings(max_examples=60)
def test_the_same_graph_is_the_same_picture_in_whatever_order_it_is_given(edges, random):
    nodes = [*nodes_of(edges)]
    picture = layered(nodes, edges)

    random.shuffle(nodes)
    random.shuffle(edges)

    assert layered(nodes, edges) == picture


def test_of_a_circle_one_edge_leads_back():
    layout = layered("abc", [("a", "b"), ("b", "c"), ("c", "a")])

    back = [edge for edge, route in layout.routes.items() if route[-1].column < route[0].column]
    assert len(back) == 1


def test_two_services_that_need_each_other_are_beside_each_other():
    layout = layered("ab", [("a", "b"), ("b", "a")])

    assert layout.routes["a", "b"] == layout.routes["b", "a"][::-1]


def test_a_service_that_needs_itself_has_a_place():
    layout = layered("a", [("a", "a")])

    assert layout.routes["a", "a"] == (layout.places["a"],)


def test_no_service_is_an_empty_picture():
    assert layered([], []).places == {}


def test_a_long_edge_is_straight_where_nothing_is_in_its_way():
    layout = layered("abcd", [("a", "b"), ("b", "c"), ("c", "d"), ("a", "d")])

    bends = layout.routes["a", "d"][1:-1]
    assert len(bends) == 2
    assert bends[0].height == pytest.approx(bends[1].height, abs=0.5)


@given(st.lists(st.tuples(numbers, st.floats(0.1, 10), st.floats(0, 100)), min_size=1, max_size=20))
@settings(max_examples=100)
def test_heights_keep_their_order_and_distances(wanted):
    values, weights, gaps = ([item[index] for item in wanted] for index in range(3))

    found = closest(values, weights, gaps[1:])

    for (upper, lower), gap in zip(pairwise(found), gaps[1:], strict=True):
        assert lower - upper >= gap - 0.001


@given(st.lists(numbers, min_size=1, max_size=20))
@settings(max_examples=50)
def test_heights_that_are_far_enough_apart_already_stay(values):
    wanted = [value + 3000 * index for index, value in enumerate(values)]

    found = closest(wanted, [1.0] * len(wanted), [10.0] * (len(wanted) - 1))

    assert found == pytest.approx(wanted)


def nodes_of(edges):
    return {name for edge in edges for name in edge}
