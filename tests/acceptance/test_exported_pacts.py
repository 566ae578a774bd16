"""A pact file of an export, used by programs that know nothing of an export."""

import json
import subprocess

import requests
from support.app_server import app_serving
from support.databases import new_sqlite
from support.serving import TALLY

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.database import Database

JSON = {"Content-Type": "application/json"}


def tally(*words):
    done = subprocess.run([TALLY, *words], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_pact_client_publishes_an_exported_pact_and_tally_verifies_it(
    pact, live_broker, orders_service, shop_pact, tmp_path
):
    written = json.loads(shop_pact.read_bytes())["interactions"]
    with new_sqlite() as url:
        database = Database(url, synchronous="normal")
        with app_serving(create_app(Settings(), database)) as source:
            place = f"{source}/pacts/provider/Orders/consumer/Shop/version/1.4.0"
            assert requests.put(place, data=shop_pact.read_bytes(), headers=JSON, timeout=30).ok
            tally("export", tmp_path / "contracts", "-b", source)
        database.close()
    (path,) = (tmp_path / "contracts").glob("pacts/*/*/contents/*.json")

    published = pact("publish", str(path), "--consumer-app-version", "1.4.0")
    states, messages = "/_pact/provider_states", "/_pact/messages"
    answers = ("--provider-url", orders_service, "--state-change-url", states, "--message-url", messages)
    report = json.loads(tally("verify", path, *answers, "-o", "json"))

    assert "Pact of Shop 1.4.0 with Orders: published" in published
    found = requests.get(f"{live_broker}/pacts/provider/Orders/consumer/Shop/latest", timeout=30).json()
    assert [item["description"] for item in found["interactions"]] == [
        item["description"] for item in written
    ]
    assert json.dumps(report).count('"description"') >= len(written), report
