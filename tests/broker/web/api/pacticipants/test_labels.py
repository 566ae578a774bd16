"""Labels: giving them to pacticipants, and finding pacticipants by them."""

from urllib.parse import quote

import pytest
from support.sql_statements import sql_statements

DIFFICULT_NAMES = ["a/b", "a b", "100%", "%2F", "größe", "注文", "..a", "v1.2", "a&b=c?d#e"]


def label(broker, pacticipant, name):
    return broker.put(f"/pacticipants/{pacticipant}/labels/{name}", json={})


def names(answer):
    assert answer.status_code == 200
    return [item["name"] for item in answer.json["_embedded"]["pacticipants"]]


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_a_label_is_created_once_with_its_pacticipant(broker):
    first, second = label(broker, "Shop", "web"), label(broker, "Shop", "web")

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json == second.json == broker.get(first.headers["Location"]).json
    assert first.json["name"] == "web"
    assert "createdAt" in first.json
    assert "Location" not in second.headers
    assert names(broker.get("/pacticipants")) == ["Shop"]


def test_a_label_leads_to_its_pacticipant_which_tells_all_its_labels(broker):
    label(broker, "Shop", "web")
    links = label(broker, "Shop", "retail").json["_links"]

    shop = broker.get(links["pacticipant"]["href"]).json

    labels = shop["_embedded"]["labels"]
    assert [item["name"] for item in labels] == ["retail", "web"]
    assert labels[0]["_links"]["self"] == links["self"]
    assert (links["self"]["title"], links["self"]["name"]) == ("Label", "retail")
    assert shop["_links"]["pb:label"]["href"].format(label="retail") == links["self"]["href"]


def test_a_removed_label_is_gone(broker):
    location = label(broker, "Shop", "web").headers["Location"]
    label(broker, "Orders", "web")

    assert broker.delete(location).status_code == 204
    assert broker.get(location).status_code == 404
    assert broker.delete(location).json == {"error": "Shop does not have the label web"}
    assert names(broker.get("/pacticipants/label/web")) == ["Orders"]
    assert broker.get("/pacticipants/Shop").json["_embedded"]["labels"] == []


@pytest.mark.parametrize("name", DIFFICULT_NAMES)
def test_any_name_can_be_a_label(broker, name):
    broker.post("/pacticipants", json={"name": "Shop"})
    template = broker.get("/pacticipants/Shop").json["_links"]["pb:label"]["href"]
    created = broker.put(template.format(label=quote(name, safe="")), json={})

    assert created.status_code == 201
    assert broker.get(created.headers["Location"]).json["name"] == name
    assert names(broker.get(f"/pacticipants/label/{quote(name, safe='')}")) == ["Shop"]


def test_pacticipants_are_found_by_label_and_name_by_the_page(broker):
    for pacticipant in ("Shop 1", "Shop 2", "Stock"):
        label(broker, pacticipant, "web")
    label(broker, "Shop 3", "other")

    first = broker.get("/pacticipants/label/web?q=shop&size=1")

    assert names(first) == ["Shop 1"]
    assert "pacticipants" not in first.json
    assert first.json["page"]["totalElements"] == 2
    assert names(broker.get(first.json["_links"]["next"]["href"])) == ["Shop 2"]
    assert names(broker.get("/pacticipants/label/web")) == ["Shop 1", "Shop 2", "Stock"]
    assert names(broker.get("/pacticipants/label/none")) == []


def test_all_labels_are_listed_once_sorted_and_by_the_page(broker):
    for pacticipant, name in (("Shop", "web"), ("Shop", "b"), ("Orders", "web"), ("Orders", "a")):
        label(broker, pacticipant, name)

    everything, second = broker.get("/labels"), broker.get("/labels?size=1&page=2")

    assert everything.json["_embedded"]["labels"] == [{"name": "a"}, {"name": "b"}, {"name": "web"}]
    assert everything.json["_links"]["self"]["title"] == "Labels"
    assert second.json["_embedded"]["labels"] == [{"name": "b"}]
    assert second.json["page"]["totalElements"] == 3


def test_what_cannot_be_a_label_is_refused(broker):
    blank = broker.put("/pacticipants/Shop/labels/%20", json={})
    typeless = broker.put("/pacticipants/Shop/labels/web", data="x")

    assert (blank.status_code, blank.json) == (400, {"errors": {"labelName": ["cannot be blank"]}})
    assert typeless.status_code == 415
    assert names(broker.get("/pacticipants")) == []
    assert broker.get("/pacticipants/Shop/labels/web").json == {
        "error": "No pacticipant with name 'Shop' found"
    }


def test_a_list_by_label_costs_the_same_for_one_as_for_twenty(broker):
    counts = set()
    for number in range(20):
        label(broker, f"App {number}", "web")
        label(broker, f"App {number}", f"label {number}")
        with sql_statements() as seen:
            listed = broker.get("/pacticipants/label/web")
        counts.add(len(seen))

    assert len(names(listed)) == 20
    assert len(counts) == 1
