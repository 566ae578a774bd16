from broker.domain.webhooks.concurrency import AttemptUnderWay, sending_capacity


def under_way(*attempts):
    return {number: AttemptUnderWay(receiver, since) for number, (receiver, since) in enumerate(attempts)}


def test_a_quick_receiver_may_have_all_the_senders():
    capacity = sending_capacity({}, {"ci": 0.01}, 16, now=100.0)

    assert (capacity.free, capacity.full, capacity.slow) == (16, set(), set())


def test_attempts_under_way_take_the_place_of_others():
    capacity = sending_capacity(under_way(*[("ci", 100.0)] * 15), {}, 16, now=100.5)

    assert capacity.free == 1


def test_an_attempt_that_takes_long_makes_room_for_others_but_not_for_its_receiver():
    capacity = sending_capacity(under_way(*[("slow", 100.0)] * 16), {}, 16, now=102.0)

    assert capacity.free == 16
    assert capacity.full == {"slow"}


def test_a_receiver_that_was_slow_last_time_gets_one_at_a_time_up_to_two():
    durations = {"slow": 30.0}

    assert sending_capacity({}, durations, 16, now=100.0).slow == {"slow"}
    assert sending_capacity(under_way(("slow", 99.9)), durations, 16, now=100.0).slow == {"slow"}
    assert sending_capacity(under_way(*[("slow", 99.9)] * 2), durations, 16, now=100.0).full == {"slow"}


def test_threads_have_an_end_even_if_everybody_is_slow():
    attempts = [(f"slow {number}", 0.0) for number in range(64)]

    assert sending_capacity(under_way(*attempts), {}, 16, now=100.0).free == 0
