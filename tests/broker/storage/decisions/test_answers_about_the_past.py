"""`at` gives, for any moment of a random history, the answer that the broker gave at that moment."""

import random
from datetime import timedelta

import pytest
from support.scripted_broker import ScriptedBroker

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.database import Database

pytestmark = pytest.mark.no_cover

NUMBERS, BRANCHES, NAMES = ("1", "1", "2"), ("main", "release"), ("Shop", "Orders")
# What happens, with the words for each place, and how often among the others.
EVENTS = {
    ("pact", ("Shop",), NUMBERS, ("with",), ("Orders",)): 3,
    ("pact", ("Shop",), NUMBERS, ("with",), ("Orders",), ("like",), ("Shop",), NUMBERS): 1,
    ("verified", ("Orders",), NUMBERS, ("Shop",), NUMBERS): 4,
    ("failed", ("Orders",), NUMBERS, ("Shop",), NUMBERS): 3,
    ("version", NAMES, NUMBERS, ("on",), BRANCHES): 3,
    ("left", NAMES, NUMBERS, BRANCHES): 2,
    ("main_branch", NAMES, BRANCHES): 2,
    ("version", NAMES, NUMBERS, ("tagged",), ("prod",)): 3,
    ("untagged", NAMES, NUMBERS, ("prod",)): 2,
    ("deployed", NAMES, NUMBERS, ("production",)): 3,
    ("undeployed", NAMES, ("production",)): 1,
    ("released", NAMES, NUMBERS, ("production",)): 3,
    ("unsupported", NAMES, ("production",)): 2,
}
BEFORE = [("version", "Shop", "1"), ("version", "Orders", "2"), ("version", "Orders", "1")]
SHOP, ORDERS = "q[][pacticipant]=Shop", "q[][pacticipant]=Orders"
QUESTIONS = [
    "/can-i-deploy?pacticipant=Shop&version=1&environment=production",
    f"/matrix?{ORDERS}&q[][version]=1&environment=production&latestby=cvp",
    f"/matrix?{SHOP}&q[][branch]=main&q[][latest]=true&{ORDERS}&q[][mainBranch]=true&q[][latest]=true",
    f"/matrix?{SHOP}&q[][mainBranch]=true&{ORDERS}&q[][branch]=release&latestby=cp",
    f"/matrix?{SHOP}&q[][tag]=prod&{ORDERS}&q[][tag]=prod&q[][latest]=true&latestby=cvpv",
    f"/matrix?{SHOP}&q[][latest]=true&latest=true&limit=3",
]


def replay(url, history):
    """Return the answers after each step, and those that are given afterwards about its moment."""
    database = Database(url)
    overwriting = Settings(allow_dangerous_contract_modification=True)
    scripted = ScriptedBroker(create_app(overwriting, database, clock=lambda: scripted.now).test_client())
    then = []
    for verb, *words in [*BEFORE, *history]:
        scripted.now += timedelta(seconds=1, microseconds=1)
        getattr(scripted, verb)(*words)
        then.append((scripted.now, [scripted.ask(question) for question in QUESTIONS]))
    scripted.now += timedelta(days=1)
    again = [(at, [scripted.ask(question, at) for question in QUESTIONS]) for at, _ in then]
    database.close()
    known = len(BEFORE) - 1  # one cannot ask about an application before it exists
    return [(at, list(map(without_advice, answers))) for at, answers in then[known:]], again[known:]


def without_advice(answer):
    """Leave out who keeps a pact: nobody can deploy anything in the past."""
    if "notices" not in answer:
        return answer
    notices = [notice for notice in answer["notices"] if "keeps the pact" not in notice["text"]]
    explained = [{**item, "keptBy": None} for item in answer.get("tally:explanation", ())]
    return {**answer, "notices": notices, **({"tally:explanation": explained} if explained else {})}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_was_answered_at_a_moment_is_answered_again_when_that_moment_is_asked_about(database_url, seed):
    dice = random.Random(seed)  # noqa: S311 - a history is no secret
    happened = dice.choices(list(EVENTS), EVENTS.values(), k=60)
    history = [(verb, *map(dice.choice, words)) for verb, *words in happened]

    then, again = replay(database_url, history)

    assert again == then


def test_the_version_that_takes_the_place_of_a_head_need_not_have_joined_last(database_url):
    joined = [("version", "Shop", number, "on", "main") for number in ("2", "3", "1", "4")]
    left = [("left", "Shop", number, "main") for number in ("4", "3", "2", "1")]

    then, again = replay(database_url, [("pact", "Shop", "2", "with", "Orders"), *joined, *left, *joined])

    assert again == then
