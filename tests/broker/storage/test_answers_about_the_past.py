"""`at` gives, for any moment of a random history, the answer that the broker gave at that moment."""

from datetime import timedelta

import pytest
from databases import NEW_DATABASE
from happenings import Happenings
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from broker.app import create_app
from broker.settings import Settings
from broker.storage.database import Database

NAMES = st.sampled_from(["Shop", "Orders"])
NUMBERS = st.sampled_from(["1", "2"])
BRANCHES = st.sampled_from(["main", "release"])
ENVIRONMENT = st.just("production")
EVENTS = st.one_of(
    st.tuples(st.just("pact"), st.just("Shop"), NUMBERS, st.just("with"), st.just("Orders")),
    st.tuples(
        st.just("pact"),
        st.just("Shop"),
        NUMBERS,
        *map(st.just, ("with", "Orders", "like", "Shop")),
        NUMBERS,
    ),
    st.tuples(st.sampled_from(["verified", "failed"]), st.just("Orders"), NUMBERS, st.just("Shop"), NUMBERS),
    st.tuples(st.just("version"), NAMES, NUMBERS, st.just("on"), BRANCHES),
    st.tuples(st.just("left"), NAMES, NUMBERS, BRANCHES),
    st.tuples(st.just("main_branch"), NAMES, BRANCHES),
    st.tuples(st.just("version"), NAMES, NUMBERS, st.just("tagged"), st.just("prod")),
    st.tuples(st.just("untagged"), NAMES, NUMBERS, st.just("prod")),
    st.tuples(st.just("deployed"), NAMES, NUMBERS, ENVIRONMENT),
    st.tuples(st.just("undeployed"), NAMES, ENVIRONMENT),
    st.tuples(st.just("released"), NAMES, NUMBERS, ENVIRONMENT),
    st.tuples(st.just("unsupported"), NAMES, ENVIRONMENT),
)
BEFORE = [("version", "Shop", "1"), ("version", "Orders", "2"), ("version", "Orders", "1")]
SHOP, ORDERS = "q[][pacticipant]=Shop", "q[][pacticipant]=Orders"
QUESTIONS = [
    "/can-i-deploy?pacticipant=Shop&version=1&environment=production",
    f"/matrix?{ORDERS}&q[][version]=1&environment=production&latestby=cvp",
    f"/matrix?{SHOP}&q[][branch]=main&q[][latest]=true&{ORDERS}&q[][mainBranch]=true&q[][latest]=true",
    f"/matrix?{SHOP}&q[][mainBranch]=true&{ORDERS}&q[][branch]=release&latestby=cp",
    f"/matrix?{SHOP}&q[][tag]=prod&{ORDERS}&q[][tag]=prod&q[][latest]=true&latestby=cvpv",
    f"/matrix?{SHOP}&q[][latest]=true&latest=true",
    f"/matrix?{SHOP}&{ORDERS}&latestby=cvpv",
    f"/matrix?{SHOP}&limit=3",
]


def replay(url, history):
    """Return the answers after each step, and those that are given afterwards about its moment."""
    database = Database(url)
    happenings = Happenings(create_app(Settings(), database, clock=lambda: happenings.now).test_client())
    then = []
    for verb, *words in [*BEFORE, *history]:
        happenings.now += timedelta(microseconds=1)
        getattr(happenings, verb)(*words)
        then.append((happenings.now, [happenings.ask(question) for question in QUESTIONS]))
    happenings.now += timedelta(days=1)
    again = [(at, [happenings.ask(question, at) for question in QUESTIONS]) for at, _ in then]
    database.close()
    known = len(BEFORE) - 1  # one cannot ask about an application before it exists
    return then[known:], again[known:]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@given(history=st.lists(EVENTS, min_size=40, max_size=40))
@settings(
    max_examples=6,
    phases=[Phase.generate],
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_what_was_answered_at_a_moment_is_answered_again_when_that_moment_is_asked_about(kind, history):
    with NEW_DATABASE[kind]() as url:
        then, again = replay(url, history)

    assert again == then


def test_the_version_that_takes_the_place_of_a_head_need_not_have_joined_last(database_url):
    joined = [("version", "Shop", number, "on", "main") for number in ("2", "3", "1", "4")]
    left = [("left", "Shop", number, "main") for number in ("4", "3", "2", "1")]

    then, again = replay(database_url, [("pact", "Shop", "2", "with", "Orders"), *joined, *left, *joined])

    assert again == then
