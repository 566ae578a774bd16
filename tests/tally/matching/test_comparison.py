"""Two JSON values side by side."""

import pytest

from tally.matching.comparison import ComparisonRow, around_differences, compared, compared_texts


def test_what_is_equal_stands_side_by_side():
    assert compared({"a": [1]}, {"a": [1]}, frozenset()) == [
        ComparisonRow("{", "{"),
        ComparisonRow('  "a": [', '  "a": ['),
        ComparisonRow("    1", "    1"),
        ComparisonRow("  ]", "  ]"),
        ComparisonRow("}", "}"),
    ]


def test_only_places_with_a_mismatch_are_marked():
    rows = compared({"a": 1, "b": 2}, {"a": 3, "b": 4}, frozenset({"$.b"}))

    assert [row for row in rows if row.differs] == [ComparisonRow('  "b": 2', '  "b": 4', differs=True)]


@pytest.mark.parametrize(
    ("expected", "actual", "row"),
    [
        ({"a": 1}, {}, ComparisonRow('  "a": 1', "", differs=True)),
        ({}, {"a": 1}, ComparisonRow("", '  "a": 1', differs=True)),
        ({"a": {"b": 1}}, {"a": [1]}, ComparisonRow('  "a": {"b": 1}', '  "a": [1]', differs=True)),
        ({"a": None}, {"a": "é"}, ComparisonRow('  "a": null', '  "a": "é"', differs=True)),
    ],
)
def test_a_side_that_has_nothing_is_empty(expected, actual, row):
    assert compared(expected, actual, frozenset({"$.a"}))[1] == row


def test_places_inside_what_only_one_side_has_are_marked_too():
    rows = compared([], [{"a b": 1}], frozenset({"$[0]['a b']"}))

    assert [row for row in rows if row.differs] == [ComparisonRow("", '    "a b": 1', differs=True)]
    assert [row.expected for row in rows] == ["[", "", "", "", "]"]


def test_a_list_may_differ_as_a_whole():
    assert compared([1], [], frozenset({"$"}))[0] == ComparisonRow("[", "[", differs=True)


def test_rows_far_from_every_difference_are_left_out():
    rows = [ComparisonRow(str(number), str(number), differs=number == 5) for number in range(10)]

    shown = around_differences(rows, 1)

    assert [row and row.expected for row in shown] == [None, "4", "5", "6", None]


def test_texts_are_compared_line_by_line():
    assert compared_texts("a\nb\nc\n", "a\nc\nd\n") == [
        ComparisonRow("a", "a"),
        ComparisonRow("b", "", differs=True),
        ComparisonRow("c", "c"),
        ComparisonRow("", "d", differs=True),
    ]
