"""What a process knows of where the primary and its standby are."""

import pytest
from support.clocks import Clock

from broker.storage.positions import SLACK, KnownPositions, Position


@pytest.mark.parametrize("position", [Position(1, 0), Position(0xFFFFFFFF, 2**64 - 1)])
def test_a_position_is_read_as_it_was_written(position):
    assert Position.read(str(position)) == position


def test_a_position_is_read_as_postgresql_tells_it():
    assert Position.of_server("0000000A 1/2C") == Position(10, (1 << 32) + 0x2C)


def test_a_standby_of_a_timeline_that_was_left_is_not_read():
    known = KnownPositions(5, Clock(0.0))
    known.looked(("cluster", "00000001 0/10"))
    assert Position(1, 0x20).has(known.floor())

    known.looked(("cluster", "00000002 0/18"))

    assert not Position(1, 0x20).has(known.floor())
    assert Position(2, 0x20).has(known.floor())


def test_a_demoted_primary_has_no_position():
    known = KnownPositions(5, Clock(0.0))

    known.looked(("cluster", None))

    assert known.floor() is None


def test_how_long_a_standby_is_behind_is_known_after_hours_too():
    clock = Clock(0.0)
    known = KnownPositions(5, clock)
    for second in range(7200):
        clock.now = float(second)
        known.looked(("cluster", f"00000001 0/{second:X}"))

    assert known.lag(Position(1, 0)) == (7199, 7198.0)
    assert known.lag(Position(1, 7199)) == (0, 0.0)


def test_what_was_written_is_the_floor_at_once_and_what_was_seen_after_the_longest_lag():
    clock = Clock(0.0)
    known = KnownPositions(5, clock)
    known.looked(("cluster", "00000001 0/10"))
    clock.now = 1.0
    known.looked(("cluster", "00000001 0/20"))

    assert known.floor() == Position(1, 0x10)
    known.reach(Position(1, 0x18))
    assert known.floor() == Position(1, 0x18)
    clock.now = 6.0
    assert known.floor() == Position(1, 0x20)
    clock.now += SLACK
    assert known.floor() == Position(1, 0x20)
    clock.now += 0.1
    assert known.floor() is None
