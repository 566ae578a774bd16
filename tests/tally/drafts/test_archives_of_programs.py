"""Small archives as Chrome, Firefox, Safari and mitmproxy write them."""

import json
import re
import shutil
from pathlib import Path

import pytest

from tally.pact import load_pact

ARCHIVES = Path(__file__).parents[2] / "data/har"
PAGE = Path(__file__).parents[3] / "docs/drafts.md"


@pytest.fixture
def read(tally, tmp_path):
    """Run the command on an archive; returns what was printed, and the interactions by description."""

    def read(name):
        run = tally(
            "record", "--har", ARCHIVES / name, "--consumer", "Shop", "--provider", "Orders", "-o", tmp_path
        )
        assert run.code == 0, run.err
        path = tmp_path / "Shop-Orders.json"
        load_pact(path)
        return run.out, {each["description"]: each for each in json.loads(path.read_text())["interactions"]}

    return read


def test_the_page_about_drafts_shows_what_is_printed(tally, tmp_path, monkeypatch):
    call, printed = re.search(
        r"^```console\n\$ tally (record .*?)\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE
    ).groups()
    monkeypatch.chdir(tmp_path)
    shutil.copy(ARCHIVES / "chrome.har", "shop.har")

    run = tally(*call.split())

    assert run.out == printed


def test_firefox(read):
    out, interactions = read("firefox.har")

    placed = interactions["POST /orders (201)"]
    assert placed["request"]["headers"] == {
        "Accept": ["*/*"],
        "Content-Type": ["application/json"],
        "Cookie": ["session=REDACTED"],
    }
    assert placed["response"]["headers"]["location"] == ["/orders/8"]
    assert placed["response"]["matchingRules"]["body"]["$.placed_at"]["matchers"][0]["match"] == "timestamp"
    assert "pages with their pictures, styles, fonts and scripts (1)" in out
    assert "c5f1e9d0" not in json.dumps(interactions) + out


def test_safari(read):
    out, interactions = read("safari.har")

    assert set(interactions) == {"GET /orders/{id} (200)", "GET /orders?status (200)"}
    assert "the archive does not have the body: save it with the content" in out
    assert "2b1c0f3e" not in json.dumps(interactions) + out


def test_mitmproxy(read):
    out, interactions = read("mitmproxy.har")

    login = interactions["POST /login?next (200)"]
    assert login["request"]["body"]["content"] == "user=ada&password=REDACTED"
    assert login["response"]["body"]["content"] == {
        "access_token": "REDACTED",
        "expires_in": 3600,
        "token_type": "Bearer",
    }
    assert "WebSocket connections: declare their messages in tests (1)" in out
    assert not any(
        secret in json.dumps(interactions) + out for secret in ("correct-horse", "beef-cafe", "f00dfeed")
    )
