import random

import pytest

from broker.domain.insights.durations import ERROR_PERCENT, Durations, added, bucket, quantiles, without


@pytest.mark.parametrize("share", [0.5, 0.95, 0.99, 1])
@pytest.mark.parametrize("longest", [3, 4000, 3_600_000])
def test_a_quantile_is_as_near_to_the_true_one_as_is_said(share, longest):
    chance = random.Random(7)  # noqa: S311 - a test needs no secret
    times = sorted(0.1 + longest * chance.random() ** 3 for _ in range(1000))

    found = Durations.of(times).quantile(share)

    assert quantiles(Durations.of(times), [0.1, share]) == [Durations.of(times).quantile(0.1), found]
    true = times[max(1, round(share * 1000)) - 1]
    assert abs(found - true) <= true * ERROR_PERCENT / 100


def test_there_is_no_quantile_of_nothing():
    assert Durations().quantile(0.5) is None
    assert quantiles(Durations(), [0.5, 1]) == [None, None]


def test_durations_of_several_days_are_those_of_all_together():
    chance = random.Random(3)  # noqa: S311 - a test needs no secret
    days = [[chance.expovariate(0.01) for _ in range(50)] for _ in range(20)]

    together = added(Durations.of(day) for day in days)

    assert together == Durations.of(time for day in days for time in day)
    assert without(together, Durations.of(days[0])) == added(map(Durations.of, days[1:]))


@pytest.mark.parametrize("count", [1, 127, 128, 16_383, 16_384, 3_000_000])
def test_what_is_written_is_read_again_and_short(count):
    durations = Durations({0: 1, 17: count, 255: 2})

    written = durations.encode()

    assert Durations.decode(written) == durations
    assert len(written) <= 10
    assert Durations().encode() is None
    assert Durations.decode(None) == Durations()


def test_times_that_are_very_short_or_long_have_a_bucket():
    assert [bucket(time) for time in (0, 0.00001, 0.1)] == [0, 0, 0]
    assert bucket(1e15) == bucket(86_400_000_000_000) == 255
