"""Lists of what has difficult names, a page at a time, and searched by a part of the name."""

import csv

import pytest
from support.difficult_names import NAMES, names_around
from support.surveyed_broker import A_CLIENT, BASE, SurveyedBroker

ONE_AT_A_TIME = "page=1&size=1"
LISTS = {
    "pacticipants": "/pacticipants",
    "pacticipants of a label": "/pacticipants/label/{label}",
    "labels": "/labels",
    "versions": "/pacticipants/{pacticipant}/versions",
    "versions on a branch": "/pacticipants/{pacticipant}/branches/{branch}/versions",
    "versions with a tag": "/pacticipants/{pacticipant}/tags/{tag}/versions",
    "branches": "/pacticipants/{pacticipant}/branches",
    "integrations": "/integrations",
}
SEARCHES = {
    "pacticipants": "/pacticipants?q={consumer}",
    "pacticipants of a label": "/pacticipants/label/{label}?q={consumer}",
    "branches": "/pacticipants/{pacticipant}/branches?q={branch}",
    "integrations": "/integrations?q={provider}",
}


@pytest.fixture(params=NAMES[::6], ids=ascii)
def broker(database, request):
    return SurveyedBroker(database, names_around(request.param))


def items(document):
    (found,) = document["_embedded"].values()
    return found


def walk(broker, address, relation):
    """Return the items of a page and of those that the relation leads to."""
    found = []
    while address is not None:
        document = broker.visit(address).answer.json
        found += items(document)
        address = document["_links"].get(relation, {}).get("href")
    return found, document


def test_pages_lead_from_one_to_the_next_and_back(broker):
    different = []

    for name, path in LISTS.items():
        address = next(broker.expanded(BASE + path))
        everything = items(broker.visit(address).answer.json)
        forwards, last = walk(broker, f"{address}?{ONE_AT_A_TIME}", "next")
        number = last["page"]["totalPages"]
        backwards, _ = walk(broker, f"{address}?page={number}&size=1", "previous")
        if not everything or forwards != everything or backwards[::-1] != everything:
            different.append((name, everything, forwards))

    assert different == []


def test_a_search_finds_the_whole_name_and_its_pages_keep_it(broker):
    different = []

    for name, path in SEARCHES.items():
        address = next(broker.expanded(BASE + path))
        everything = items(broker.visit(address).answer.json)
        forwards, _ = walk(broker, f"{address}&{ONE_AT_A_TIME}", "next")
        if not everything or forwards != everything:
            different.append((name, everything, forwards))

    assert different == []


def test_the_network_has_the_names_as_they_are(broker):
    names = broker.world.names

    answer = broker.visit(f"{BASE}/relationships", A_CLIENT | {"Accept": "text/csv"}).answer

    rows = list(csv.reader(answer.text.splitlines()))
    assert {row[1] for row in rows} == {names.consumer, names.provider}
