import subprocess
import sys

import pytest

import consumer_sdk

HEAVY = {
    *("flask", "sqlalchemy", "pact", "pact_ffi", "pytest", "click", "rich", "yaml", "jsonschema", "regex"),
    *(
        "requests",
        "urllib3",
        "httpx",
        "aiohttp",
        "http.client",
        "asyncio",
        "ssl",
        "email",
        "rstr",
    ),
}
"""What an import must not load: each costs milliseconds in every process that runs tests."""
RECORDED = """
import tempfile
from pathlib import Path
from consumer_sdk import Recorder
from consumer_sdk.pact_files import Recordings
orders = Recorder("Shop", "Orders", Recordings(Path(tempfile.mkdtemp())))
orders.upon_receiving("it").with_request("GET", "/").will_respond_with(200, body={"a": 1})
try:
    with orders.in_process():
        pass
except AssertionError:
    pass
"""


def test_every_public_name_is_there():
    assert all(getattr(consumer_sdk, name) for name in consumer_sdk.__all__)


def test_a_wrong_name_is_refused_like_in_any_module():
    with pytest.raises(AttributeError, match="has no attribute 'recorder'"):
        consumer_sdk.recorder  # noqa: B018 - reading it is the test


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        ("import consumer_sdk", HEAVY),
        ("from consumer_sdk import Recorder", HEAVY),
        (RECORDED, HEAVY),
    ],
    ids=["import", "recorder", "recorded"],
)
def test_an_import_loads_no_more_than_it_needs(statement, unwanted):
    program = f"{statement}\nimport sys; print(*sys.modules)"

    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout

    assert not unwanted & set(loaded.split())


def test_both_ways_of_recording_need_no_pact_python(tmp_path):
    program = """
import sys, urllib.request
from pathlib import Path
sys.modules["pact"] = sys.modules["pact_ffi"] = None
from consumer_sdk import Recorder
from consumer_sdk.pact_files import Recordings

orders = Recorder("Shop", "Orders", Recordings(Path("recordings")))
for way in (orders.serve, orders.in_process):
    orders.upon_receiving("it").with_request("GET", "/").will_respond_with(200)
    with way() as url:
        print(urllib.request.urlopen(url).status)
"""

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == ["200", "200"]
