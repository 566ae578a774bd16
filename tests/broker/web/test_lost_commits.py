"""The answer of PostgreSQL to a COMMIT is lost: the request is not carried out a second time."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, urlsplit

import pytest
from support.app_server import app_serving
from support.factories import a_pact, a_verification_result
from support.losing_proxy import losing_proxy
from support.receivers import receiving, wait_until
from support.webhook_worker import LOCAL, deliveries

from broker.app import create_app
from broker.background.worker import Worker
from broker.settings.settings import Settings
from broker.storage.database import Database
from tally.cli import main

SETTINGS = Settings(**{**LOCAL, "webhook_host_whitelist": ("127.0.0.1", "receiver.example.org")})
KEY = {"Idempotency-Key": "5b7f3a1e-0001"}
WEBHOOK = {
    "description": "one",
    "events": [{"name": "contract_published"}],
    "request": {"method": "POST", "url": "https://receiver.example.org/"},
}
RESULT = a_verification_result(buildUrl="https://ci.example.org/1")
PACT = "/pacts/provider/Orders/consumer/Shop"
PLACES = "/pacticipants/Shop/versions/1"


@pytest.fixture
def proxy(database_url):
    cluster = parse_qs(urlsplit(database_url).query)["host"][0]
    with TemporaryDirectory() as folder, losing_proxy(Path(folder), Path(cluster)) as proxy:
        yield proxy


@pytest.fixture
def broker(database_url, proxy):
    url = f"{database_url.partition('?')[0]}?host={proxy.folder}"
    database = Database(url)
    client = create_app(SETTINGS, database).test_client()
    client.put(f"{PACT}/version/1", json=a_pact())
    yield client
    database.close()


def environment(broker):
    return broker.get("/environments").json["_embedded"]["environments"][0]["uuid"]


def result_address(broker):
    return broker.get(f"{PACT}/version/1").json["_links"]["pb:publish-verification-results"]["href"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("method", "path", "body", "listed", "key"),
    [
        ("POST", "/webhooks", WEBHOOK, "/webhooks", "pb:webhooks"),
        ("POST", "/environments", {"name": "new", "production": False}, "/environments", "pb:environments"),
        ("POST", "/pacticipants", {"name": "New"}, "/pacticipants", "pb:pacticipants"),
    ],
)
def test_what_was_stored_is_there_once(broker, proxy, method, path, body, listed, key):
    before = len(broker.get(listed).json["_links"].get(key, []))
    proxy.lose_next()

    answer = broker.open(path, method=method, json=body)

    assert proxy.lost == 1
    assert answer.status_code == 503
    assert "Look whether it is there" in answer.json["error"]["message"]
    assert len(broker.get(listed).json["_links"][key]) == before + 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_result_and_a_deployment_are_recorded_once(broker, proxy):
    deployments = f"{PLACES}/deployed-versions/environment/{environment(broker)}"
    results = result_address(broker)
    for address, body in ((results, RESULT), (deployments, {"applicationInstance": "a"})):
        proxy.lose_next()
        assert broker.post(address, json=body).status_code == 503

    found = broker.get(deployments).json["_embedded"]["deployedVersions"]
    assert len(found) == 1
    assert broker.get(f"{results}/1").status_code == 200
    assert broker.get(f"{results}/2").status_code == 404


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_with_a_key_the_request_may_be_sent_again(broker, proxy):
    proxy.lose_next()
    lost = broker.post("/webhooks", json=WEBHOOK, headers=KEY)

    again = broker.post("/webhooks", json=WEBHOOK, headers=KEY)

    assert "Send it again with the same Idempotency-Key" in lost.json["error"]["message"]
    assert (lost.status_code, again.status_code) == (503, 201)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(broker.get("/webhooks").json["_links"]["pb:webhooks"]) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_tally_sends_what_it_gets_no_answer_to_again_and_it_is_carried_out_once(
    broker, proxy, database, tmp_path
):
    pact = tmp_path / "pact.json"
    pact.write_text(json.dumps(a_pact()))
    with receiving() as receiver, app_serving(broker.application) as url:
        for number, command in enumerate(
            (
                ["webhooks", "create", receiver.url, "--contract-published"],
                ["create-environment", "--name", "new", "--no-production"],
                ["publish", str(pact), "--consumer-app-version", "2"],
            ),
            start=1,
        ):
            proxy.lose_next()
            with pytest.raises(SystemExit) as exit_:
                main([*command, "--broker-base-url", url])
            assert (exit_.value.code, proxy.lost) == (0, number), command
        worker = Worker(database, SETTINGS)
        worker.start()
        wait_until(lambda: [item for item in deliveries(broker, "2") if item["status"] == "success"])
        worker.stop()

        assert len(deliveries(broker, "2")) == len(receiver.received) == 1
    assert len(broker.get("/webhooks").json["_links"]["pb:webhooks"]) == 1
    names = [item["name"] for item in broker.get("/environments").json["_embedded"]["environments"]]
    assert names.count("new") == 1
