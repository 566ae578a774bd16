import gc

import pytest

from tally.loading import loading


def test_no_circles_are_looked_for_while_something_is_loaded():
    with loading():
        assert not gc.isenabled()

    assert gc.isenabled()


def test_what_was_loaded_is_not_looked_at_again():
    with loading():
        loaded = [{}]

    assert gc.get_freeze_count() > 0
    assert not any(each is loaded for each in gc.get_objects())


def test_circles_are_looked_for_again_when_something_could_not_be_loaded():
    with pytest.raises(ImportError), loading():
        raise ImportError

    assert gc.isenabled()
