"""Who is about the same waits for its turn; nobody waits for ever, or for who is about something else."""

from threading import Barrier, Event, Thread

import pytest

from broker.storage import turns
from broker.storage.turns import Turns

PATIENCE = 30


@pytest.fixture
def shared():
    return Turns()


def apart(*others):
    """Return something that shares no lock with these."""
    taken = {hash(other) % turns.LOCKS for other in others}
    return next(each for each in range(10_000) if hash(each) % turns.LOCKS not in taken)


def test_who_is_about_the_same_begins_when_the_first_has_ended(shared):
    told = []
    waits = Event()

    def second():
        waits.set()
        with shared.waiting([("Shop", "Orders")]):
            told.append("second")

    with shared.waiting([("Shop", "Orders"), ("Shop", "main")]):
        thread = Thread(target=second)
        thread.start()
        assert waits.wait(PATIENCE)
        thread.join(0.2)
        told.append("first")
    thread.join(PATIENCE)

    assert told == ["first", "second"]


def test_who_is_about_something_else_does_not_wait(shared):
    with shared.waiting([1]):
        thread = Thread(target=lambda: shared.waiting([apart(1)]).__enter__())
        thread.start()
        thread.join(PATIENCE)

        assert not thread.is_alive()


def test_a_turn_ends_with_an_error_as_well(shared):
    with pytest.raises(ZeroDivisionError), shared.waiting([1]):
        raise ZeroDivisionError

    with shared.waiting([1, 1]):
        pass


def test_two_that_are_about_the_same_in_another_order_never_wait_for_each_other(shared):
    other = apart(1)
    beginning = Barrier(2)
    done = []

    def often(*about):
        beginning.wait(PATIENCE)
        for _ in range(2_000):
            with shared.waiting(about):
                done.append(True)

    threads = [Thread(target=often, args=about) for about in ((1, other), (other, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)

    assert len(done) == 4_000


def test_who_has_waited_long_enough_begins_all_the_same(shared, monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE", 0.05)
    begun = []

    def impatient():
        with shared.waiting([1]):
            begun.append(True)

    with shared.waiting([1]):
        thread = Thread(target=impatient)
        thread.start()
        thread.join(PATIENCE)

    assert begun == [True]
    monkeypatch.setattr(turns, "PATIENCE", PATIENCE)
    with shared.waiting([1]):
        pass
