"""`at`: what it refuses, what it says of itself, and what it cannot know. Whether it is right is tested by
tests/broker/storage/test_answers_about_the_past.py.
"""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from support.clocks import Clock
from support.decisions_over_http import Api

from broker.app import create_app
from broker.background.clean_up import clean
from broker.domain.retention.policy import KeepSelector, Policy
from broker.settings.settings import Settings

QUESTION = "/can-i-deploy?pacticipant=Shop&version=1&environment=production"
MATRIX = "/matrix?q[][pacticipant]=Shop&q[][version]=1&environment=production&latestby=cvpv"
PLAN = "/deploy-plan?q[][pacticipant]=Shop&q[][version]=1&environment=production"
NOW = datetime(2026, 10, 2, 12, tzinfo=UTC)
MISSING = "Deleted since then, and therefore missing from this answer: "
YESTERDAY = "2026-10-01T12:00:00+00:00"


@pytest.fixture
def clock():
    return Clock(NOW - timedelta(days=2))


@pytest.fixture
def broker(database, clock):
    """A broker in which Shop 1 could go to production yesterday, and cannot today."""
    client = create_app(Settings(), database, clock=clock).test_client()
    api = Api(client)
    api.pact("Shop", "1", "with", "Orders")
    api.verified("Orders", "1", "Shop", "1")
    api.deployed("Orders", "1", "production")
    clock.now = NOW
    api.version("Orders", "2")
    api.deployed("Orders", "2", "production")
    return client


def ask(broker, url, at=None):
    return broker.get(url if at is None else f"{url}&{urlencode({'at': at})}")


@pytest.mark.parametrize("url", [QUESTION, MATRIX])
def test_the_answer_is_that_of_the_moment_and_says_so(broker, url):
    now, then = ask(broker, url).json, ask(broker, url, YESTERDAY).json

    assert (now["summary"]["deployable"], then["summary"]["deployable"]) == (None, True)
    assert "tally:asOf" not in now
    assert then["tally:asOf"] == YESTERDAY
    assert then["notices"][0] == {
        "type": "info",
        "text": f"As of {YESTERDAY}: this is what the broker would have answered then.",
    }


def test_a_plan_is_that_of_the_moment(broker):
    now, then = ask(broker, PLAN).json, ask(broker, PLAN, YESTERDAY).json

    assert (now["summary"]["possible"], then["summary"]["possible"]) == (False, True)
    assert then["tally:asOf"] == YESTERDAY


def test_the_answer_as_text_says_so_too(broker):
    answer = broker.get(f"{QUESTION}&at=2026-10-01T12:00:00Z", headers={"Accept": "text/plain"})

    assert answer.text.startswith(
        f"As of {YESTERDAY}: this is what the broker would have answered then.\n\nCONSUMER"
    )
    assert "Deployable: yes" in answer.text


@pytest.mark.parametrize(
    "at",
    ["2026-10-01T14:00:00+02:00", "2026-10-01T14:00:00 02:00", "2026-10-01 12:00:00Z", "20261001T120000Z"],
)
def test_a_moment_may_be_written_in_any_zone_even_with_a_plus_that_was_not_encoded(broker, at):
    assert ask(broker, QUESTION, at).json["tally:asOf"] == YESTERDAY


@pytest.mark.parametrize("url", [QUESTION, MATRIX, PLAN])
@pytest.mark.parametrize(
    ("at", "message"),
    [
        ("yesterday", "at must be a time such as 2026-10-01T00:00:00Z"),
        ("0001-01-01T00:00:00+14:00", "at must be a time such as 2026-10-01T00:00:00Z"),
        (
            "2026-10-01T12:00:00",
            "at needs a time zone: 2026-10-01T12:00:00Z for UTC, or 2026-10-01T12:00:00+02:00",
        ),
        ("2026-10-01", "at needs a time zone: 2026-10-01T00:00:00Z for UTC, or 2026-10-01T00:00:00+02:00"),
        (
            "2026-10-02T12:00:01Z",
            "at is in the future: it is 2026-10-02T12:00:00+00:00. Leave it out to ask about now",
        ),
    ],
)
def test_what_is_no_moment_in_the_past_is_refused(broker, url, at, message):
    answer = ask(broker, url, at)

    assert answer.status_code == 400
    assert answer.json["errors"] in ({"at": [message]}, [message])


def test_nobody_can_wait_for_the_past(broker):
    answer = broker.get(f"{QUESTION}&at=2026-10-01T12:00:00Z&wait=10")

    assert answer.status_code == 400
    assert answer.json["errors"] == {"wait": ["wait and at cannot be combined: the past does not change"]}


def test_before_the_version_was_there_the_answer_is_no(broker):
    answer = ask(broker, QUESTION, "2026-09-01T00:00:00Z").json

    assert answer["summary"]["deployable"] is False
    assert answer["matrix"] == []


def warnings(broker, at=YESTERDAY):
    notices = ask(broker, QUESTION, at).json["notices"]
    return [notice["text"] for notice in notices if notice["type"] == "warning"]


def test_what_was_deleted_since_then_is_told(broker, clock):
    clock.now += timedelta(hours=1)
    broker.delete("/pacticipants/Orders/versions/1")
    broker.delete("/pacticipants/Orders/versions/2")

    assert warnings(broker) == [f"{MISSING}1 version of Orders."]


def test_what_was_deleted_is_not_told_of_a_moment_before_or_after_it_was_there(broker, clock):
    clock.now += timedelta(hours=1)
    deleted_at = clock.now
    broker.delete("/pacticipants/Orders/versions/2")
    clock.now += timedelta(hours=1)

    assert warnings(broker, YESTERDAY) == []
    assert warnings(broker, deleted_at.isoformat()) == []
    assert len(warnings(broker, (deleted_at - timedelta(seconds=1)).isoformat())) == 1


def test_what_was_deleted_of_others_is_not_told(broker, clock):
    api = Api(broker)
    clock.now = NOW - timedelta(days=3)
    api.version("Search", "1", "on", "main")
    clock.now = NOW
    broker.delete("/pacticipants/Search/versions/1")

    assert warnings(broker) == []


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("/pacticipants/Orders/branches/feature", "1 branch of Orders"),
        ("/pacticipants/Orders/branches", "1 branch of Orders"),
        ("/pacts/provider/Orders/consumer/Shop/versions", "1 pact of Shop"),
        (
            "/pacts/provider/Orders/consumer/Shop/latest/verification-results/latest",
            "1 result of Orders, 1 result of Shop",
        ),
        ("/pacticipants/Search", "the pacticipant Search"),
    ],
)
def test_each_kind_of_deletion_is_told(broker, clock, url, told):
    clock.now = NOW - timedelta(days=2)
    Api(broker).version("Orders", "1", "on", "feature")
    Api(broker).version("Search", "1")
    clock.now = NOW

    assert broker.delete(url).status_code < 300

    assert warnings(broker) == [f"{MISSING}{told}."]


def test_what_a_clean_up_deleted_is_told(broker, database, clock):
    clean_up = Policy(selectors=(KeepSelector(pacticipant="Shop"),), overwritten_days=0)

    clean(database, clean_up, clock.now + timedelta(days=1))
    clock.now += timedelta(days=2)

    assert warnings(broker) == [f"{MISSING}1 version of Orders."]
