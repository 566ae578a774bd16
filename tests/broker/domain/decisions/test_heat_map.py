"""The grid of versions: what is where in it, and how large it may become."""

from support.factories import NOON

from broker.domain.decisions.heat_map import MOST_ELEMENTS, Cell, heat_map, heat_maps, marks
from broker.domain.decisions.matrix import Row, Verdict
from broker.domain.decisions.selectors import VersionRef

PAIR = ("Shop", "Orders")


def version(number):
    return VersionRef(number, str(number), number)


def row(consumer, provider, verdict=Verdict.SUCCESS, *, pair=PAIR):
    provided = provider and version(provider)
    return Row(pair[0], version(consumer), pair[1], provided, verdict, sha="a", published_at=NOON)


def test_the_newest_versions_are_at_the_top_and_at_the_left():
    rows = [row(1, 11), row(3, 12, Verdict.FAILED), row(2, 12)]

    found = heat_map(PAIR, rows)

    assert [found.columns, [line.version for line in found.lines]] == [
        [version(12), version(11)],
        [version(3), version(2), version(1)],
    ]
    assert found.lines[0].cells == [Cell(rows[1]), Cell(None)]
    assert found.lines[2].cells == [Cell(None), Cell(rows[0])]


def test_versions_without_results_are_lines_of_one_gap():
    found = heat_map(PAIR, [row(1, 11), row(1, 12), row(2, None, Verdict.UNKNOWN)])

    assert found.lines[0].cells == [Cell(None, 2)]


def test_what_is_deployed_has_lines_of_its_own():
    found = heat_map(PAIR, [row(1, 11), row(2, 11)], [version(2)], [version(11)], there=[version(1)])

    assert [line.version.number for line in found.deployed] == ["1"]
    assert [line.version.number for line in found.lines] == ["2"]


def test_a_grid_does_not_grow_without_end():
    rows = [row(one, other) for one in range(60) for other in range(100, 160)]

    found = heat_map(PAIR, rows)

    shown = sum(len(line.cells) for line in found.lines)
    assert 0 < 2 * shown <= MOST_ELEMENTS
    assert [line.version for line in found.lines] + list(found.left_out) == [
        version(n) for n in range(59, -1, -1)
    ]


def test_each_pair_of_applications_has_its_grid():
    rows = [row(1, 2), row(3, 4, pair=("Admin", "Orders"))]

    assert [(item.consumer, item.provider) for item in heat_maps(rows)] == [("Admin", "Orders"), PAIR]


def test_marks_are_as_short_as_they_can_be_told_apart():
    assert marks(["production", "test", "staging"]) == {"production": "P", "staging": "S", "test": "T"}
    assert marks(["test", "test-eu", "prod"]) == {"prod": "P", "test": "Tes", "test-eu": "Tes"}
    assert marks(["qa", "quality"]) == {"qa": "Qa", "quality": "Qu"}
