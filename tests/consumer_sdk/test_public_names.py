import subprocess
import sys

import pytest

import consumer_sdk


def test_every_public_name_is_there():
    assert all(getattr(consumer_sdk, name) for name in consumer_sdk.__all__)


def test_a_wrong_name_is_refused_like_in_any_module():
    with pytest.raises(AttributeError, match="has no attribute 'recorder'"):
        consumer_sdk.recorder  # noqa: B018 - reading it is the test


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        ("import consumer_sdk", {"pact", "pact_ffi", "requests", "flask", "sqlalchemy"}),
        ("from consumer_sdk import Recorder", {"flask", "sqlalchemy"}),
    ],
)
def test_an_import_loads_no_more_than_it_needs(statement, unwanted):
    program = f"{statement}; import sys; print(*sys.modules)"

    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout

    assert not unwanted & set(loaded.split())


def test_without_pact_python_the_extra_to_install_is_named():
    program = "import sys; sys.modules['pact'] = None; from consumer_sdk import Recorder"

    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert "pip install 'tallystick[consumer]'" in finished.stderr.splitlines()[-1]
