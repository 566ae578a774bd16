"""Many publish the same things at the same moment: nobody fails, and everything is there once."""

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from support.factories import a_pact, a_publication, a_verification_result, an_interaction

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.database import Database, Limits
from tally.hashing import content_hash

pytestmark = pytest.mark.pooled

AT_ONCE = 20
PROVIDERS = ("Orders", "Payments", "Stock")


@pytest.fixture
def app(database_url):
    """The application with a connection for each of those who publish."""
    database = Database(database_url, Limits(connections=AT_ONCE))
    yield create_app(Settings(allow_dangerous_contract_modification=True), database)
    database.close()


def publish_at_once(app, bodies):
    barrier = Barrier(len(bodies))

    def publish(body):
        client = app.test_client()
        barrier.wait()
        return client.post("/contracts/publish", json=body)

    with ThreadPoolExecutor(len(bodies)) as threads:
        return list(threads.map(publish, bodies))


def pacts(app, provider):
    return (
        app.test_client().get(f"/pacts/provider/{provider}/consumer/Shop/versions").json["_embedded"]["pacts"]
    )


def test_the_same_new_version_with_the_same_new_providers(app):
    forwards = a_publication(*(a_pact(provider=name) for name in PROVIDERS), tags=["dev", "test"])
    backwards = {**forwards, "contracts": forwards["contracts"][::-1]}

    answers = publish_at_once(app, [forwards, backwards] * (AT_ONCE // 2))

    assert [answer.status_code for answer in answers] == [200] * AT_ONCE
    created = [answer for answer in answers if answer.json["notices"][0]["text"].startswith("Created")]
    assert len(created) == 1
    assert [len(pacts(app, provider)) for provider in PROVIDERS] == [1, 1, 1]
    version = app.test_client().get("/pacticipants/Shop/versions/1").json
    assert [branch["name"] for branch in version["_embedded"]["branches"]] == ["main"]
    assert [tag["name"] for tag in version["_embedded"]["tags"]] == ["dev", "test"]


def test_other_new_versions_with_the_same_content(app):
    bodies = [a_publication(version=str(number)) for number in range(AT_ONCE)]

    answers = publish_at_once(app, bodies)

    assert [answer.status_code for answer in answers] == [200] * AT_ONCE
    assert len(pacts(app, "Orders")) == AT_ONCE
    latest = app.test_client().get("/pacts/provider/Orders/consumer/Shop/latest")
    head = app.test_client().get("/pacticipants/Shop/latest-version")
    assert latest.headers["X-Pact-Consumer-Version"] == head.json["number"]


def test_other_contents_for_the_same_version_one_after_the_other(app):
    bodies = [a_publication(a_pact(an_interaction(f"request {number}"))) for number in range(AT_ONCE)]

    answers = publish_at_once(app, bodies)

    assert [answer.status_code for answer in answers] == [200] * AT_ONCE
    assert len(pacts(app, "Orders")) == 1


def test_parts_of_a_contract_that_are_merged_are_all_there_in_the_end(app):
    bodies = [a_publication(a_pact(an_interaction(f"request {number}"))) for number in range(AT_ONCE)]
    for body in bodies:
        body["contracts"][0]["onConflict"] = "merge"

    answers = publish_at_once(app, bodies)

    assert [answer.status_code for answer in answers] == [200] * AT_ONCE
    pact = app.test_client().get("/pacts/provider/Orders/consumer/Shop/version/1").json
    assert {item["description"] for item in pact["interactions"]} == {
        f"request {number}" for number in range(AT_ONCE)
    }


NAMES = ("Alpha", "Beta", "Gamma", "Delta", "Kappa")


def anything(client, chance):
    """Do something that a build might do, to one of a few versions."""
    name, provider, other = chance.sample(NAMES, 3)
    version = f"/pacticipants/{name}/versions/{chance.randrange(4)}"
    number = version[-1]
    pacts = [
        a_pact(an_interaction(chance.choice("ab")), consumer=name, provider=to) for to in (provider, other)
    ]
    between = f"/pacts/provider/{provider}/consumer/{name}"
    results = f"{between}/pact-version/{content_hash(a_pact(an_interaction('a')))}/verification-results"
    kind = chance.randrange(10)
    if kind < 5:
        tags = chance.sample(["x", "y", "z"], 2)
        body = a_publication(*pacts, version=number, branch=chance.choice(["main", "x"]), tags=tags)
        return client.post("/contracts/publish", json=body)
    if kind < 7:
        return client.post(results, json=a_verification_result(number))
    if kind < 8:
        return client.put(f"{version}/tags/{chance.choice(['x', 'production'])}", json={})
    return client.delete(chance.choice([version, f"{between}/version/{number}"]))


def test_whatever_builds_do_at_the_same_moment_none_of_them_fails(app):
    barrier = Barrier(AT_ONCE)

    def build(seed):
        client, chance = app.test_client(), random.Random(seed)  # noqa: S311 - a test that can be repeated
        barrier.wait()
        return [anything(client, chance).status_code for _ in range(15)]

    with ThreadPoolExecutor(AT_ONCE) as threads:
        statuses = {status for each in threads.map(build, range(AT_ONCE)) for status in each}

    assert statuses <= {200, 201, 204, 404}
