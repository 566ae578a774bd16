"""What the first process of a broker tells the others reaches them, and never holds up the first."""

from multiprocessing import Pipe

from support.receivers import wait_until

from broker.processes.orders import OrdersTo
from broker.settings.settings import Settings

LARGE = "x" * 200_000
"""More than a pipe holds."""


def test_a_process_that_is_stopped_holds_up_nobody_and_misses_nothing():
    read, told = Pipe(duplex=False)
    orders = OrdersTo(told)

    for number in range(3):  # would hang if it waited for somebody to read
        orders.use(Settings(user_agent=LARGE, threads=number))
    orders.hurry()

    assert [read.recv().threads for _ in range(3)] == [0, 1, 2]
    assert read.recv() is None


def test_nothing_is_left_open_for_a_process_that_ended_before_it_read():
    read, told = Pipe(duplex=False)
    orders = OrdersTo(told)
    orders.use(Settings(user_agent=LARGE))

    read.close()
    orders.close()

    wait_until(lambda: told.closed)
