"""Probes and the index are answered in the event loop, as the application would have answered them."""

import asyncio
import gc
import json

import pytest
from support.accounts import accounts
from support.asked_gateway import asked, gateway_of
from support.metrics import samples

from broker.app import create_app
from broker.observability.exchanges import Exchanges
from broker.server.kept_answers import KeptAnswers
from broker.services.accounts.known import KnownAccounts
from broker.settings.settings import Settings
from broker.storage.database import Database, Limits

HEARTBEAT, LIVE, READY = "/diagnostic/status/heartbeat", "/health/live", "/health/ready"
INDEX = "/"
PROBES = pytest.mark.parametrize("probe", [HEARTBEAT, LIVE])
ALL_OF_THEM = pytest.mark.parametrize("probe", [HEARTBEAT, LIVE, INDEX])
RIGHT = {"Authorization": "Basic Y2k6YS1wYXNzd29yZC1mb3ItY2k="}
OF_CI = {"basic_auth_username": "ci", "basic_auth_password": "a-password-for-ci"}


class Watch:
    """Notes the routes of requests and how they were answered."""

    def __init__(self):
        self.seen = []

    def begun(self, exchange):
        assert exchange.request_id

    def ended(self, exchange, status, size):
        self.seen.append((exchange.route, exchange.actor, status, size))


@pytest.fixture
def watch():
    return Watch()


@pytest.fixture
def serving(database, watch):
    """Return a gateway to an application with these settings."""

    def serve(**settings):
        return gateway_of(create_app(Settings(**settings), database), exchanges=Exchanges([watch]))

    return serve


def asking(gateway, *requests):
    """Ask one after the other; return the answers, and how many hand-overs each took."""

    async def ask():
        found = []
        for method, target, headers in requests:
            before = gateway.hand_overs
            answer = await asked(gateway, method, target, **headers)
            found.append((answer, gateway.hand_overs - before))
        return found

    return asyncio.run(ask())


@ALL_OF_THEM
def test_only_the_first_of_the_same_probes_goes_to_a_thread(serving, watch, probe):
    (first, there), (second, again) = asking(serving(), ("GET", probe, {}), ("GET", probe, {}))

    assert (there, again) == (2, 0)
    first_id, second_id = (answer.headers.pop("x-request-id") for answer in (first, second))
    assert first == second
    assert first_id != second_id
    assert json.loads(second.content)
    assert watch.seen == [(probe, "", 200, len(first.content))] * 2


@ALL_OF_THEM
def test_a_probe_has_the_id_that_it_comes_with(serving, probe):
    requests = [("GET", probe, {"X_Request_Id": name}) for name in ("first", "second")]

    answers = asking(serving(), *requests)

    assert [answer.headers["x-request-id"] for answer, _ in answers] == ["first", "second"]
    assert [hand_overs for _, hand_overs in answers] == [2, 0]


@ALL_OF_THEM
@pytest.mark.parametrize(
    "other",
    [
        {"Host": "other"},
        {"X_Forwarded_Host": "other"},
        {"X_Forwarded_Proto": "https"},
        {"X_Forwarded_Prefix": "/broker"},
    ],
)
def test_another_request_has_an_answer_of_its_own(serving, probe, other):
    gateway = serving()

    (first, _), (second, hand_overs) = asking(gateway, ("GET", probe, {}), ("GET", probe, other))

    assert hand_overs == 2
    assert first.content != second.content
    assert asking(gateway, ("GET", probe, other))[0][0].content == second.content


@ALL_OF_THEM
def test_what_is_no_plain_answer_is_not_kept(serving, probe):
    gateway = serving()
    [(first, _)] = asking(gateway, ("GET", probe, {}))
    same = {"If_None_Match": first.headers["etag"]}

    requests = [("GET", probe, same), ("HEAD", probe, {}), ("POST", probe, {})]
    answers = asking(gateway, *requests, *requests)

    assert [answer.status for answer, _ in answers] == [304, 200, 405] * 2
    assert [hand_overs for _, hand_overs in answers] == [2] * 6


def test_a_heartbeat_that_needs_credentials_is_judged_each_time(serving):
    gateway = serving(public_heartbeat=False, **OF_CI)

    answers = asking(gateway, *[("GET", HEARTBEAT, RIGHT), ("GET", HEARTBEAT, {})] * 2)

    assert [(answer.status, hand_overs) for answer, hand_overs in answers] == [(200, 2), (401, 2)] * 2


def test_whether_the_broker_is_ready_is_found_out_each_time(serving):
    answers = asking(serving(), ("GET", READY, {}), ("GET", READY, {}))

    assert [hand_overs for _, hand_overs in answers] == [2, 2]


@ALL_OF_THEM
def test_other_settings_hold_for_the_next_probe(serving, database, probe):
    gateway = serving(base_url="https://before")
    asking(gateway, ("GET", probe, {}))

    gateway.use(create_app(Settings(base_url="https://after"), database))
    (first, there), (second, again) = asking(gateway, ("GET", probe, {}), ("GET", probe, {}))

    assert (there, again) == (2, 0)
    assert b"https://after" in first.content
    assert second.content == first.content


@ALL_OF_THEM
def test_a_broker_that_stops_says_so(serving, probe):
    gateway = serving()
    asking(gateway, ("GET", probe, {}))

    gateway.begin_to_stop()
    [(answer, hand_overs)] = asking(gateway, ("GET", probe, {}))

    assert (answer.status, hand_overs, answer.headers["connection"]) == (200, 0, "close")


@ALL_OF_THEM
def test_each_probe_is_counted(serving, probe):
    gateway = serving()
    plain = {"Accept": "text/plain"}

    asking(gateway, *[("GET", probe, {})] * 3)
    [(answer, _)] = asking(gateway, ("GET", "/metrics", plain))

    labels = (("method", "GET"), ("route", probe), ("status", "200"))
    assert samples(answer.content.decode())["tally_request_duration_seconds_count", labels] == 3


@ALL_OF_THEM
def test_many_different_probes_take_no_more_memory(serving, probe):
    gateway = serving()

    answers = asking(gateway, *[("GET", f"{probe}?{number}", {}) for number in range(100)])
    again = asking(gateway, *[("GET", f"{probe}?{number}", {}) for number in (99, 0)])

    assert {hand_overs for _, hand_overs in answers} == {2}
    assert [hand_overs for _, hand_overs in again] == [0, 2]


@ALL_OF_THEM
def test_what_may_have_cookies_of_a_standby_is_not_kept(probe):
    nowhere = "postgresql://nobody@127.0.0.1:1/none"
    database = Database(nowhere)
    database.read_also_from(nowhere, Limits(), longest_lag=5)
    gateway = gateway_of(create_app(Settings(), database))

    answers = asking(gateway, ("GET", probe, {}), ("GET", probe, {}))

    assert [(answer.status, hand_overs) for answer, hand_overs in answers] == [(200, 2), (200, 2)]


@ALL_OF_THEM
@pytest.mark.parametrize("header", ["Authorization", "Cookie", "X_Forwarded_Access_Token"])
def test_no_secret_of_a_client_stays_in_memory(serving, probe, header):
    secret = "secret-of-a-client"
    gateway = serving()
    asking(gateway, *[("GET", f"{probe}?{secret}", {header: secret})] * 2)

    kept = [each for each in gc.get_objects() if isinstance(each, KeptAnswers)]
    assert secret not in repr([vars(each) for each in kept])


def test_many_different_requests_for_the_index_leave_the_heartbeat(serving):
    gateway = serving()
    asking(gateway, ("GET", HEARTBEAT, {}))

    many = [("GET", INDEX, {"X_Amzn_Trace_Id": f"Root={number}"}) for number in range(100)]
    *_, (_, hand_overs) = asking(gateway, *many, ("GET", HEARTBEAT, {}))

    assert hand_overs == 0


@pytest.mark.parametrize("public", [True, False])
def test_the_index_of_a_broker_with_credentials_is_judged_each_time(serving, public):
    gateway = serving(**OF_CI, allow_public_read=public)

    answers = asking(gateway, *[("GET", INDEX, RIGHT), ("GET", INDEX, {})] * 2)

    without = 200 if public else 401
    assert [(answer.status, hand_overs) for answer, hand_overs in answers] == [(200, 2), (without, 2)] * 2


def test_the_index_is_as_open_as_the_accounts_that_the_process_knows_of(database):
    known = KnownAccounts(database)
    known.look()
    gateway = gateway_of(create_app(Settings(), database, known=known))
    (open_to_all, _), (_, again) = asking(gateway, *[("GET", INDEX, {})] * 2)
    accounts(database).person("ada", "administrator")

    known.look()
    closed = asking(gateway, *[("GET", INDEX, {})] * 2)

    assert (open_to_all.status, again) == (200, 0)
    assert [(answer.status, hand_overs) for answer, hand_overs in closed] == [(401, 2)] * 2


def test_the_index_is_looked_up_again_after_a_change_of_accounts_that_left_none(database):
    known = KnownAccounts(database)
    gateway = gateway_of(create_app(Settings(), database, known=known))
    [(before, _)] = asking(gateway, ("GET", INDEX, {}))

    known.forget()
    (after, there), (_, again) = asking(gateway, *[("GET", INDEX, {})] * 2)

    assert (there, again) == (2, 0)
    assert after.content == before.content


def test_a_browser_gets_the_page_and_not_the_index(serving):
    gateway = serving()
    asking(gateway, ("GET", INDEX, {"Accept": "application/hal+json"}))

    answers = asking(gateway, *[("GET", INDEX, {"Accept": "text/html"})] * 2)

    for answer, hand_overs in answers:
        assert answer.headers["content-type"].startswith("text/html")
        assert hand_overs == 2
