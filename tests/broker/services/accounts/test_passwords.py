"""Passwords are stored as hashes that cost the same for everybody, and are made one at a time."""

import threading
import time

import pytest

from broker.domain.errors import ValidationError
from broker.services.accounts import passwords

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def stored():
    return passwords.hash_of(PASSWORD)


def test_a_password_is_known_by_its_hash(stored):
    assert PASSWORD not in stored
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.is_right(PASSWORD, stored)
    assert not passwords.needs_new_hash(stored)


@pytest.mark.parametrize("given", ["", "Correct horse battery", PASSWORD + " ", "\ud800", PASSWORD * 100_000])
def test_another_password_is_not(stored, given):
    assert not passwords.is_right(given, stored)


def test_a_hash_is_different_each_time(stored):
    assert passwords.hash_of(PASSWORD) != stored


def test_the_same_characters_typed_on_another_keyboard_are_the_same_password():
    assert passwords.is_right("Gru\u0308ße aus Ko\u0308ln", passwords.hash_of("Gr\u00fcße aus K\u00f6ln"))


def test_a_hash_of_cheaper_times_is_known_and_replaced():
    from argon2.low_level import Type, hash_secret  # noqa: PLC0415 - as the broker does

    old = hash_secret(
        PASSWORD.encode(), b"0" * 16, time_cost=1, memory_cost=64, parallelism=1, hash_len=32, type=Type.ID
    ).decode()

    assert passwords.is_right(PASSWORD, old)
    assert passwords.needs_new_hash(old)


@pytest.mark.parametrize("broken", ["", "x", "$argon2id$v=19$m=19456,t=2,p=1$AAAA$"])
def test_a_hash_that_cannot_be_read_fits_no_password(broken):
    assert not passwords.is_right(PASSWORD, broken)


def test_an_unknown_name_takes_the_same_time(stored):
    def seconds(stored):
        times = []
        for _ in range(5):
            started = time.thread_time()
            assert not passwords.is_right("wrong horse battery", stored)
            times.append(time.thread_time() - started)
        return min(times)

    assert 0.5 < seconds(None) / seconds(stored) < 2


def test_a_password_that_is_too_short_is_refused_by_its_field():
    with pytest.raises(ValidationError) as refused:
        passwords.check("short", account="anna", field="newPassword")

    assert list(refused.value.errors) == ["newPassword"]


def test_one_hash_is_made_at_a_time_and_few_wait():
    turns = passwords.Turns(waiting=1, seconds=5)
    waiting, entered = threading.Event(), threading.Event()

    def wait():
        waiting.set()
        with turns:
            entered.set()

    thread = threading.Thread(target=wait)
    with turns:
        thread.start()
        assert waiting.wait(5)
        while turns._places._value:  # noqa: SLF001 - until it waits
            time.sleep(0.001)
        with pytest.raises(passwords.TooManyHashesError), turns:
            pass
        assert not entered.is_set()
    thread.join(5)
    assert entered.is_set()


def test_nobody_waits_longer_than_the_limit():
    turns = passwords.Turns(waiting=1, seconds=0.01)
    refused = []

    def wait():
        with pytest.raises(passwords.TooManyHashesError), turns:
            pass
        refused.append(True)

    with turns:
        thread = threading.Thread(target=wait)
        thread.start()
        thread.join(5)
    assert refused
    with turns:  # the place of whoever gave up is free again
        pass
