"""What becomes of an application that garbage collections pass over, with other settings."""

import gc
import weakref

import pytest

from broker import memory
from tally.loading import loading


class Application:
    """It is part of a circle, as an application is."""

    def __init__(self):
        self.view = self


@pytest.fixture(autouse=True)
def _nothing_stays_set_apart():
    yield
    gc.unfreeze()


def test_an_application_that_other_settings_have_replaced_is_collected():
    with loading():
        application = Application()
    old = weakref.ref(application)
    del application

    gc.collect()
    is_kept = old() is not None
    memory.set_apart_anew()

    assert is_kept
    assert old() is None
    assert gc.get_freeze_count() > len(gc.get_objects())
