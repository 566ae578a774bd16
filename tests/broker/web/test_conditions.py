"""Entity tags, and requests that depend on them (RFC 9110 §13; reference §1.2, §1.4)."""

import threading

import pytest
from support.factories import a_pact, a_publication

from broker.app import create_app
from broker.settings.settings import Settings

SHOP = "/pacticipants/Shop"
PACT = "/pacts/provider/Orders/consumer/Shop/version/1"
on_both_databases = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def shop(broker):
    """A broker that knows Shop, with a version and a pact."""
    broker.post("/contracts/publish", json=a_publication())
    return broker


def tag_of(broker, path=SHOP, **headers):
    return broker.get(path, headers=headers).headers["ETag"]


@pytest.mark.parametrize(
    "path", ["/", SHOP, PACT, "/pacticipants", "/relationships", "/matrix?q[][pacticipant]=Shop"]
)
def test_what_did_not_change_is_not_sent_again(shop, path):
    first = shop.get(path)
    tag = first.headers["ETag"]

    again = shop.get(path, headers={"If-None-Match": tag})

    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert again.headers["Cache-Control"] == "no-cache"
    assert again.headers["Vary"] == first.headers["Vary"]
    assert "Content-Type" not in again.headers
    assert shop.head(path, headers={"If-None-Match": tag}).status_code == 304
    assert shop.get(path, headers={"If-None-Match": f'"other", W/{tag}'}).status_code == 304


def test_what_changed_is_sent_with_another_tag(shop):
    tag = tag_of(shop)
    shop.patch(SHOP, json={"displayName": "The shop"})

    again = shop.get(SHOP, headers={"If-None-Match": tag})

    assert (again.status_code, again.json["displayName"]) == (200, "The shop")
    assert again.headers["ETag"] != tag


def test_other_forms_of_a_document_have_other_tags(shop):
    tags = [
        tag_of(shop, PACT, Accept=kind)
        for kind in ("*/*", "text/html", "application/vnd.pactbrokerextended.v1+json")
    ]

    assert len(set(tags)) == 3


@pytest.mark.parametrize("path", ["/pacticipants/Nobody", "/no/such/thing"])
def test_what_is_not_there_has_no_tag_and_meets_no_condition(shop, path):
    assert "ETag" not in shop.get(path).headers
    assert shop.get(path, headers={"If-None-Match": "*"}).status_code == 404
    assert shop.get(path, headers={"If-Match": "*"}).status_code == 412


def test_reading_may_insist_on_what_was_read_before(shop):
    tag = tag_of(shop)

    assert shop.get(SHOP, headers={"If-Match": tag}).status_code == 200
    assert shop.get(SHOP, headers={"If-Match": "*"}).status_code == 200
    assert shop.get(SHOP, headers={"If-None-Match": "*"}).status_code == 304
    refused = shop.get(SHOP, headers={"If-Match": '"other"'})
    assert refused.status_code == 412
    assert "Read it again" in refused.json["error"]
    assert refused.headers["X-Pact-Broker-Version"]


@on_both_databases
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_only_what_was_read_is_changed(shop, method):
    tag = tag_of(shop)
    shop.patch(SHOP, json={"displayName": "By another"})

    refused = shop.open(SHOP, method=method, json={"displayName": "Mine"}, headers={"If-Match": tag})

    assert (refused.status_code, list(refused.json)) == (412, ["error"])
    assert shop.get(SHOP).json["displayName"] == "By another"
    newest = {"If-Match": tag_of(shop)}
    assert shop.open(SHOP, method=method, json={"displayName": "Mine"}, headers=newest).status_code in {
        200,
        204,
    }


@on_both_databases
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", PACT, a_pact()),
        ("DELETE", PACT, None),
        ("PUT", f"{SHOP}/versions/1", {"buildUrl": "https://ci.example.org/1"}),
        ("DELETE", f"{SHOP}/versions/1", None),
        ("DELETE", f"{SHOP}/branches/main", None),
        ("DELETE", "/pacts/provider/Orders/consumer/Shop/branch/main", None),
    ],
)
def test_a_condition_holds_for_every_document(shop, method, path, body):
    tag = tag_of(shop, path)

    refused = shop.open(path, method=method, json=body, headers={"If-Match": '"other"'})
    done = shop.open(path, method=method, json=body, headers={"If-Match": tag})

    assert refused.status_code == 412
    assert done.status_code in {200, 204}


@on_both_databases
def test_something_may_be_created_only_if_it_is_not_there(broker):
    new = {"If-None-Match": "*"}

    created = broker.put(f"{SHOP}/versions/1", json={}, headers=new)
    again = broker.put(f"{SHOP}/versions/1", json={}, headers=new)

    assert (created.status_code, again.status_code) == (201, 412)
    assert "already" in again.json["error"]
    assert broker.put(f"{SHOP}/versions/2", json={}, headers={"If-Match": "*"}).status_code == 412
    assert broker.get(f"{SHOP}/versions/2").status_code == 404


def test_a_change_where_nothing_can_be_read_meets_no_if_match(shop):
    integration = "/integrations/provider/Orders/consumer/Shop"

    assert shop.delete(integration, headers={"If-Match": "*"}).status_code == 412
    assert shop.delete(integration, headers={"If-None-Match": "*"}).status_code == 204


def test_a_refused_condition_is_a_problem_for_who_asks_for_problems(shop):
    headers = {"If-Match": '"other"', "Accept": "application/problem+json"}

    refused = shop.patch(SHOP, json={}, headers=headers)

    assert (refused.mimetype, refused.json["status"]) == ("application/problem+json", 412)


@pytest.mark.slow
@on_both_databases
def test_of_many_who_read_the_same_one_changes_it(database):
    app = create_app(Settings(), database)
    app.test_client().post("/pacticipants", json={"name": "Shop"})
    tag = tag_of(app.test_client())
    statuses = []

    def change(number):
        body = {"displayName": f"Shop {number}"}
        statuses.append(app.test_client().patch(SHOP, json=body, headers={"If-Match": tag}).status_code)

    threads = [threading.Thread(target=change, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [200] + 7 * [412]


@pytest.mark.parametrize(
    ("charsets", "status"),
    [
        ("utf-8", 200),
        ("UTF-8;q=0.5, iso-8859-1", 200),
        ("utf8", 200),
        ("*", 200),
        ("iso-8859-1, *;q=0.1", 200),
        ("iso-8859-1", 406),
        ("utf-8;q=0, *", 406),
        ("iso-8859-1, *;q=0", 406),
    ],
)
def test_who_reads_no_utf_8_is_told_that_there_is_nothing_else(shop, charsets, status):
    answer = shop.get(SHOP, headers={"Accept-Charset": charsets})

    assert answer.status_code == status
    assert (answer.data == b"") == (status == 406)


def test_other_refusals_come_before_that_of_the_charset(shop):
    latin = {"Accept-Charset": "iso-8859-1"}

    assert shop.get("/no/such/thing", headers=latin).status_code == 404
    assert shop.post(SHOP, headers=latin).status_code == 405
    assert shop.options(SHOP, headers=latin).status_code == 200
    assert shop.patch(SHOP, json={"displayName": "x"}, headers=latin).status_code == 406
    assert shop.get(SHOP).json["displayName"] == "Shop"
