"""Other addresses of the same: with the extension of a file, and old ones (reference §1.1, §2)."""

import pytest
from support import databases
from support.difficult_names import PLAIN
from support.factories import a_pact, a_publication
from support.surveyed_broker import BASE, SurveyedBroker

from broker.storage.database import Database
from broker.web.routes import rule

# Where a branch may stand as well: `latest.json` is one.
BRANCH_OR_WORD = {"main-branch-pact-versions", "latest-provider-pacts-with-main-branch"}
PAIR = "/pacts/provider/Orders/consumer/Shop"
ANYTHING = {"Accept": "*/*"}


@pytest.fixture(scope="module")
def plain():
    with databases.new_sqlite() as url:
        database = Database(url)
        yield SurveyedBroker(database, PLAIN)
        database.close()


@pytest.fixture(scope="module")
def visits(plain):
    return [visit for visit in plain.documents() if "?" not in visit.address and visit.address != BASE]


def test_every_address_that_ends_in_a_word_or_a_number_may_have_the_extension_json(plain, visits):
    others = {rule(name) for name in (*BRANCH_OR_WORD, "metrics")}  # which tell when they were counted
    words = [visit for visit in visits if visit.rule and not is_name(visit.rule) and visit.rule not in others]

    different = [
        visit.address
        for visit in words
        for answer in [plain.visit(f"{visit.address}.json", ANYTHING).answer]
        if (answer.status_code, answer.mimetype, answer.data) != answered(visit)
    ]

    assert len(words) > 50
    assert different == []


def test_no_address_that_ends_in_a_name_loses_what_looks_like_an_extension(plain, visits):
    names = [visit for visit in visits if is_name(visit.rule)]

    found = {
        (visit.rule, plain.visit(f"{visit.address}.{extension}").rule)
        for visit in names
        for extension in ("json", "csv", "svg", "yaml")
    }

    assert len(names) > 20
    assert {(before, after) for before, after in found if before != after} == set()


def test_writes_may_have_the_extension_too(broker):
    body = a_publication(version="1")

    assert broker.post("/contracts/publish.json", json=body).status_code == 200
    assert broker.post("/pacticipants.json", json={"name": "Other"}).status_code == 201


def test_deleting_takes_the_whole_name(broker):
    for consumer in ("Shop", "Shop.json"):
        pact = a_pact(consumer=consumer)
        broker.post("/contracts/publish", json=a_publication(pact))

    assert broker.delete("/integrations/provider/Orders/consumer/Shop.json").status_code == 204

    left = broker.get("/integrations", headers={"Accept": "application/hal+json"}).json["_embedded"]
    assert [pair["consumer"]["name"] for pair in left["integrations"]] == ["Shop"]


@pytest.mark.parametrize(
    ("alias", "address"),
    [
        (f"{PAIR}/versions/1.0", f"{PAIR}/version/1.0"),
        ("/pact/provider/Orders/consumer/Shop/version/1.0", f"{PAIR}/version/1.0"),
        ("/pact/provider/Orders/consumer/Shop/latest", f"{PAIR}/latest"),
        (f"{PAIR}/webhooks", "/webhooks/provider/Orders/consumer/Shop"),
    ],
)
@pytest.mark.parametrize(
    "accept",
    [
        "*/*",
        "application/hal+json",
        "application/json",
        "application/vnd.pactbrokerextended.v1+json",
        "text/html",
        "application/problem+json",
    ],
)
def test_an_old_address_answers_as_the_new_one(plain, alias, address, accept):
    old = plain.visit(BASE + alias, {"Accept": accept})
    new = plain.visit(BASE + address, {"Accept": accept})

    assert answered(old) == answered(new)
    assert old.answer.headers.get("X-Pact-Consumer-Version") == new.answer.headers.get(
        "X-Pact-Consumer-Version"
    )


@pytest.mark.parametrize("alias", [f"{PAIR}/versions/7", "/pact/provider/Orders/consumer/Shop/version/7"])
def test_an_old_address_takes_every_method_of_the_new_one(broker, alias):
    statuses = [
        broker.open(alias, method=method, json=a_pact()).status_code
        for method in ("PUT", "PATCH", "GET", "DELETE", "GET", "PATCH")
    ]

    assert statuses == [201, 200, 200, 200, 404, 201]
    assert broker.get(alias).data == broker.get(f"{PAIR}/version/7").data


def is_name(address):
    """Say whether the last part of a rule is a name."""
    return "<segment:" in address.rpartition("/")[2]


def answered(visit):
    return visit.answer.status_code, visit.answer.mimetype, visit.answer.data
