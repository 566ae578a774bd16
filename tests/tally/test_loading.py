import gc
import sys

import pytest

from tally.loading import Later, loading


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


def test_a_module_is_imported_when_something_of_it_is_used(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "a_heavy_module.py").write_text("ANSWER = 42\n")

    heavy = Later("a_heavy_module")

    assert "a_heavy_module" not in sys.modules
    assert heavy.ANSWER == 42
    assert "a_heavy_module" in sys.modules
