"""A draft of every kind of value: both verifiers accept a provider that has other values by then."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import flask
import pytest
from support.app_server import app_serving
from support.har_files import an_archive, an_entry

from tally.drafts import files
from tally.drafts.draft import draft
from tally.drafts.har import read_har
from verifier import Verifier, explanation

PACT = Path(sys.executable).with_name("pact")
PNG = b"\x89PNG\r\n\x1a\n\0\0"
THEN = {
    "id": 7,
    "uuid": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
    "at": "2026-01-05T09:30:00Z",
    "milliseconds": "2026-01-05T09:30:00.123+01:00",
    "trimmed": "2026-01-05T09:30:00.12Z",
    "day": "2026-01-05",
    "time": "09:30:00",
    "minutes": "09:30",
    "http": "Mon, 05 Jan 2026 09:30:00 GMT",
    "stock": {"17": {"count": 1}, "18": {"count": 2}},
    "list": [{"price": 1, "note": None}, {"price": 2.5, "note": "x"}],
    "lists": [[1], [2]],
    "empty": [],
    "paid": True,
    "weight": 1.5,
    "mail": "ada@example.org",
    "link": "https://example.org/a",
    "token": "hunter2hunter2",
    "nothing": None,
    "object": {},
    "two words": 1,
    "large": 123456789012345678901234567890,
    "text": "",
}
NOW = {
    **THEN,
    "id": 8,
    "at": "2026-02-05T09:30:00+00:00",
    "trimmed": "2026-02-05T09:30:00Z",
    "stock": {"99": {"count": 5}},
    "list": [{"price": 3, "note": "z"}],
    "lists": [[5, 6]],
    "paid": False,
    "token": "other",
    "text": "x",
}
HEADERS = {"accept": "application/json", "authorization": "Bearer hunter2hunter2", "cookie": "a=b"}
FORM = {"mimeType": "application/x-www-form-urlencoded", "text": "a=1&password=x"}
API = "https://api.example.org"


@pytest.fixture
def provider():
    """The address of a provider that answers everything."""
    app = flask.Flask("orders")
    about = {"X-Total": "5", "Location": "/orders/99"}

    @app.get("/orders/<int:_>")
    def order(_):
        return NOW, about

    @app.post("/form")
    def form():
        return {"id": 2}

    @app.get("/png")
    def png():
        return flask.Response(PNG + b"\1", mimetype="image/png")

    @app.get("/text")
    def text():
        return flask.Response("other", mimetype="text/plain")

    @app.get("/xml")
    def xml():
        return flask.Response("<b/>", mimetype="application/xml")

    with app_serving(app) as url:
        yield url


@pytest.fixture(params=["V4", "V3"])
def drafted(request, tmp_path):
    about = {"x-total": "4", "location": f"{API}/orders/7"}
    archive = an_archive(
        an_entry(answer=THEN, response_headers=about, headers=HEADERS),
        an_entry(answer=NOW, response_headers=about, headers=HEADERS),
        an_entry("POST", f"{API}/form", posted=FORM, answer={"id": 1}),
        an_entry(
            url=f"{API}/png",
            answer=base64.b64encode(PNG).decode(),
            kind="image/png",
            content={"encoding": "base64"},
        ),
        an_entry(url=f"{API}/text?page=2&day=2026-01-05", answer="x", kind="text/plain"),
        an_entry(url=f"{API}/xml", answer="<a/>", kind="application/xml"),
    )
    (tmp_path / "shop.har").write_text(json.dumps(archive))
    folded = read_har(tmp_path / "shop.har").folded()
    files.write(
        tmp_path / "draft.json",
        draft(folded, consumer="Shop", provider="Orders", specification=request.param),
    )
    return tmp_path / "draft.json"


def test_our_verifier_accepts_other_values_of_the_same_kind(drafted, provider):
    report = Verifier(provider=provider).add_pact(drafted).run()

    assert report.passed, explanation(report)


@pytest.mark.slow
def test_the_rust_verifier_accepts_them_as_well(drafted, provider):
    command = [
        PACT, "verifier", "--no-colour", "--file", drafted, "--provider-name", "Orders",
        "--hostname", "127.0.0.1", "--port", str(urlsplit(provider).port),
    ]  # fmt: skip
    environment = {**os.environ, "PACT_DO_NOT_TRACK": "true"}

    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment)

    assert done.returncode == 0, done.stdout + done.stderr
