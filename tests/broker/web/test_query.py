"""Query strings with lists of objects."""

import pytest

from broker.web.query import parse


@pytest.mark.parametrize(
    ("query_string", "objects"),
    [
        ("q[][pacticipant]=A", ({"pacticipant": "A"},)),
        ("q[][pacticipant]=A&q[][version]=1", ({"pacticipant": "A", "version": "1"},)),
        (
            "q[][pacticipant]=A&q[][version]=1&q[][pacticipant]=B",
            ({"pacticipant": "A", "version": "1"}, {"pacticipant": "B"}),
        ),
        (
            "q[][pacticipant]=A&q[][pacticipant]=B&q[][version]=2",
            ({"pacticipant": "A"}, {"pacticipant": "B", "version": "2"}),
        ),
        ("q%5B%5D%5Bpacticipant%5D=A+B%2FC", ({"pacticipant": "A B/C"},)),
        (
            "q[1][pacticipant]=B&q[0][pacticipant]=A&q[1][version]=2",
            ({"pacticipant": "B", "version": "2"}, {"pacticipant": "A"}),
        ),
        ("q[][pacticipant]=A&q[][tag]=", ({"pacticipant": "A"},)),
        ("q[][pacticipant]=", ()),
        (
            "q[]pacticipant=A&q[]version=1&q[][pacticipant]=B",
            ({"pacticipant": "A", "version": "1"}, {"pacticipant": "B"}),
        ),
        (
            "q[]version=1&q[]pacticipant=A&q[]pacticipant=B",
            ({"version": "1", "pacticipant": "A"}, {"pacticipant": "B"}),
        ),
        (
            "q[]version=1&q[][version]=2&q[]pacticipant=B",
            ({"version": "1"}, {"version": "2", "pacticipant": "B"}),
        ),
        (
            "q[]pacticipant=A&q[][latest]=true&q[]pacticipant=B",
            ({"pacticipant": "A", "latest": "true"}, {"pacticipant": "B"}),
        ),
        ("q[]pacticipant=A&latestby=cvp&q[]version=1", ({"pacticipant": "A", "version": "1"},)),
        ("q%5B%5Dpacticipant=A%26q%5B%5Dversion%3D1", ({"pacticipant": "A&q[]version=1"},)),
        ("q[]pacticipant=&q[]pacticipant=B&q[]tag=", ({"pacticipant": "B"},)),
        ("latestby=cvp", ()),
    ],
)
def test_a_repeated_sub_key_begins_a_new_object(query_string, objects):
    assert parse(query_string).objects.get("q", ()) == objects


@pytest.mark.parametrize(
    ("query_string", "names"),
    [
        ("q[][pacticipant]=A&q[][pacticipant]=", {"q"}),
        ("q[]version=+&ignore[]pacticipant=A", {"q"}),
        ("q[][pacticipant]=A&q[][version]=&q[]=&tag=", set()),
    ],
)
def test_names_with_objects_that_say_nothing_are_known(query_string, names):
    assert parse(query_string).blank == names


def test_objects_of_different_names_are_kept_apart():
    found = parse("q[][pacticipant]=A&ignore[][pacticipant]=B&q[][version]=1&ignore[][version]=2").objects

    assert found["q"] == ({"pacticipant": "A", "version": "1"},)
    assert found["ignore"] == ({"pacticipant": "B", "version": "2"},)


def test_the_last_value_of_a_name_counts_and_blank_ones_are_absent():
    assert parse("latestby=cp&latestby=cvp&tag=&environment=%20").values == {"latestby": "cvp"}


def test_lists_keep_blank_values():
    found = parse("success[]=true&success[]=&ignore=A")

    assert found.lists == {"success": ("true", ""), "ignore": ("A",)}


@pytest.mark.parametrize(
    "query_string", ["", "q[[a]]=1", "q[x]=1", "=1", "&&", "q[][a][b]=1", "q[]a]=1", "q[][]a=1", "q[]a[]=1"]
)
def test_what_has_another_form_is_left_out(query_string):
    found = parse(query_string)

    assert (found.values, found.lists, found.objects) == ({}, {}, {})
    assert found.unread == tuple(part.partition("=")[0] for part in query_string.split("&") if part)


def test_blank_values_can_be_asked_for():
    found = parse("a=&q[][tag]=+&q[][tag]=x", blank=True)

    assert found.values == {"a": ""}
    assert found.objects == {"q": ({"tag": " "}, {"tag": "x"})}
