"""Pages of lists: what is no number of a page or of its items is refused, by every list that has pages."""

import pytest
from support.factories import a_publication

LISTS = (
    "/pacticipants",
    "/pacticipants/label/x",
    "/labels",
    "/pacticipants/Shop/versions",
    "/pacticipants/Shop/branches",
    "/pacticipants/Shop/branches/main/versions",
    "/pacticipants/Shop/tags/prod/versions",
    "/pacticipants/Shop/environments/{uuid}/versions",
    "/integrations",
    "/dashboard",
    "/dashboard/provider/Orders/consumer/Shop",
)
NAMES = ("page", "size", "pageNumber", "pageSize")
WRONG = ("0", "-1", "x", "1.5", "", " 1", "²", "99999999999999999999")


@pytest.fixture
def lists(broker):
    """The paths of all lists, of things that are there."""
    assert broker.post("/contracts/publish", json=a_publication(tags=["prod"])).status_code == 200
    (environment,) = broker.get("/environments?name=production").json["_embedded"]["environments"]
    return [path.format(uuid=environment["uuid"]) for path in LISTS]


def test_what_is_no_number_is_refused_by_name(broker, lists):
    different = []

    for path in lists:
        for name in NAMES:
            for value in WRONG:
                answer = broker.get(path, query_string={name: value})
                expected = {"errors": {name: ["must be an integer greater than or equal to 1"]}}
                if (answer.status_code, answer.json) != (400, expected):
                    different.append((path, name, value, answer.status_code))

    assert different == []


@pytest.mark.parametrize("query", ["page=1&pageSize=0", "size=1&pageNumber=0", "page=x&pageSize=1"])
def test_all_that_are_given_are_looked_at(broker, query):
    assert broker.get(f"/pacticipants?{query}").status_code == 400


def test_numbers_are_looked_at_before_what_the_list_is_of(broker):
    assert broker.get("/pacticipants/Nobody/versions?size=0").status_code == 400
    assert broker.get("/dashboard/provider/No/consumer/Nobody?pageSize=0").status_code == 400
    assert broker.get("/pacticipants/Nobody/versions?size=1").status_code == 404


def test_the_new_names_win_over_the_old_ones(broker, lists):
    assert lists
    for query in ("page=2&size=1&pageNumber=1&pageSize=100", "size=1&page=2", "pageNumber=2&pageSize=1"):
        assert broker.get(f"/pacticipants?{query}").json["page"] == {
            "number": 2,
            "size": 1,
            "totalElements": 2,
            "totalPages": 2,
        }
