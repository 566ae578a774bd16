"""The answer of PostgreSQL to a COMMIT is lost: the request is not carried out a second time."""

from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, urlsplit

import pytest
from support.factories import a_pact, a_verification_result
from support.losing_proxy import losing_proxy

from broker.app import create_app
from broker.settings import Settings
from broker.storage.database import Database

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
    client = create_app(Settings(), database).test_client()
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
