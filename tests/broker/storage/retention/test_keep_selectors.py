"""Which versions each keep selector keeps, of some with a history (Pact Broker reference §12.1)."""

from datetime import timedelta

import pytest
from support.factories import NOON

from broker.app import create_app
from broker.background import clean_up
from broker.settings.settings import Settings

AGES = {"1": 200, "2": 150, "3": 120, "4": 100, "5": 60, "6": 20, "7": 10}
"""Days since each version of Shop was created. Orders has one version, 9, which is older."""
BRANCHES = {"main": "1346", "feature": "257", "empty": ""}
TAGS = {"dev": "12345", "prod": "13"}
DEPLOYED = {"test": "14", "production": "2"}  # the later one takes the place of the earlier one
RELEASED = {"production": "13"}  # 1 is no longer supported
IN_USE = "234"
"""These stay whatever is said."""

KEPT = {
    "[]": "",
    '[{"latest": true}]': "79",
    '[{"pacticipant": "Shop"}]': "1234567",
    '[{"pacticipant": "Orders"}]': "9",
    '[{"pacticipant": "Shop", "latest": true}]': "7",
    '[{"pacticipant": "shop"}]': "",
    '[{"tag": true}]': "12345",
    '[{"tag": "prod"}]': "13",
    '[{"tag": "staging"}]': "",
    '[{"tag": true, "latest": true}]': "35",
    '[{"tag": "dev", "latest": true}]': "5",
    '[{"tag": "dev", "branch": "feature"}]': "25",
    '[{"tag": "prod", "pacticipant": "Orders"}]': "",
    '[{"branch": true}]': "1234567",
    '[{"branch": "feature"}]': "257",
    '[{"branch": "feature", "latest": true}]': "7",
    '[{"branch": true, "latest": true}]': "67",
    '[{"main_branch": true}]': "1346",
    '[{"main_branch": true, "latest": true}]': "6",
    '[{"main_branch": true, "max_age": 110}]': "46",
    '[{"main_branch": true, "tag": "dev"}]': "134",
    '[{"deployed": true}]': "24",
    '[{"released": true}]': "3",
    '[{"environment": "test"}]': "4",
    '[{"environment": "production"}]': "23",
    '[{"environment": "production", "deployed": true}]': "2",
    '[{"max_age": 0}]': "",
    '[{"max_age": 60}]': "67",
    '[{"max_age": 61}]': "567",
    '[{"max_age": 110, "latest": true}]': "7",
    '[{"max_age": 110, "tag": true, "latest": true}]': "5",
    '[{"tag": "prod"}, {"branch": true, "latest": true}, {"pacticipant": "Orders"}]': "13679",
    "": "35679",  # heads, latest versions, and those of the last 90 days
}


class Clock:
    """A clock that the test sets."""

    now = NOON

    def __call__(self):
        return self.now


@pytest.fixture
def history(database):
    """Let the versions come one after the other, and then be deployed and released."""
    clock = Clock()
    broker = create_app(Settings(use_first_tag_as_branch=False), database, clock=clock).test_client()
    clock.now = NOON - timedelta(days=300)
    put(broker, "Orders/versions/9")
    for number, age in AGES.items():
        clock.now = NOON - timedelta(days=age)
        put(broker, f"Shop/versions/{number}")
        for branch in having(number, BRANCHES):
            put(broker, f"Shop/branches/{branch}/versions/{number}")
        for tag in having(number, TAGS):
            put(broker, f"Shop/versions/{number}/tags/{tag}")
    for kind, places in (("deployed", DEPLOYED), ("released", RELEASED)):
        for number in AGES:
            for environment in having(number, places):
                record(broker, kind, number, environment)


def having(number, names):
    return [name for name, numbers in names.items() if number in numbers]


def put(broker, path):
    answer = broker.put(f"/pacticipants/{path}", json={})
    assert answer.status_code in {200, 201}, answer.text


def record(broker, kind, number, environment):
    found = broker.get("/environments").json["_embedded"]["environments"]
    [uuid] = [each["uuid"] for each in found if each["name"] == environment]
    path = f"/pacticipants/Shop/versions/{number}/{kind}-versions/environment/{uuid}"
    recorded = broker.post(path, json={})
    assert recorded.status_code == 201, recorded.text
    if (kind, number) == ("released", "1"):
        end_support(broker, recorded.json["_links"]["self"]["href"])


def end_support(broker, address):
    answer = broker.patch(
        address, data='{"currentlySupported": false}', content_type="application/merge-patch+json"
    )
    assert answer.status_code == 200, answer.text


@pytest.mark.usefixtures("history")
def test_a_clean_up_leaves_what_the_selectors_keep_and_what_is_in_use(database):
    with database.reading() as storage:
        numbers = {
            version.id: version.number
            for _, versions in storage.retention_facts.by_pacticipant()
            for version in versions
        }
    left = {}

    for selectors in KEPT:
        policy = clean_up.policy(Settings(database_clean_keep_version_selectors=selectors))
        to_delete = clean_up.plan(database, policy, NOON).version_ids
        left[selectors] = {number for version_id, number in numbers.items() if version_id not in to_delete}

    assert left == {selectors: {*kept, *IN_USE} for selectors, kept in KEPT.items()}
