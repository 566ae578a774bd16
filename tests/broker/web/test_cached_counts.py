from datetime import UTC, datetime
from itertools import accumulate

from support.factories import a_publication

from broker.app import create_app
from broker.settings.settings import Settings
from broker.web.cached_counts import Counting

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)


def pacticipants(database, *, moments):
    """Count before and after a publication, at each of which the timer shows the next of *moments*."""
    shown = iter(moments)
    counting = Counting(database, lambda: NOON, timer=lambda: next(shown))
    before, _ = counting.newest()
    create_app(Settings(), database).test_client().post("/contracts/publish", json=a_publication())
    after, counted_at = counting.newest()
    assert counted_at == NOON
    return before.counts.pacticipants, after.counts.pacticipants


def test_what_is_counted_quickly_is_counted_anew(database):
    assert pacticipants(database, moments=accumulate((0, 0.04, 0, 0))) == (0, 2)


def test_a_count_that_took_long_is_kept_for_a_hundred_times_as_long(database):
    assert pacticipants(database, moments=accumulate((0, 0.5, 49))) == (0, 0)
    assert pacticipants(database, moments=accumulate((0, 0.5, 50, 0))) == (2, 2)


def test_the_answer_says_when_it_was_counted(database):
    broker = create_app(Settings(), database, clock=lambda: NOON).test_client()

    assert broker.get("/metrics").json["tally:countedAt"] == "2026-10-01T12:00:00+00:00"
