"""What the broker answers, and what it was sent."""

import pytest
import requests
from support.app_server import app_serving
from support.factories import a_pact, a_publication


@pytest.fixture
def published(hal_server):
    """Return the bodies of the requests to publish, as the broker received them."""
    hal_server.answers(
        "POST", "/contracts/publish", {"notices": [{"type": "success", "text": "Pact published."}]}
    )
    return lambda: [asked.body for asked in hal_server.sent("POST")]


@pytest.fixture
def matrix(hal_server):
    """Say what the broker answers, and look at what it was asked."""

    class Matrix:
        def says(self, *answers):
            hal_server.answers("GET", "/matrix", *answers)

        @property
        def questions(self):
            return [asked.query for asked in hal_server.asked if asked.path == "/matrix"]

    return Matrix()


@pytest.fixture
def broker_url(database):
    """The base URL of a real broker in this process, with a new database, that sends to this machine."""
    from broker.app import create_app  # noqa: PLC0415 - other tests of commands load no broker
    from broker.settings.settings import Settings  # noqa: PLC0415 - ditto

    settings = Settings(
        secrets_key=("Zx0Ni_OBPFXRFFRtpLHHRlFQJkEPYv3T1oZL5GkcuEM=",),
        webhook_host_whitelist=("127.0.0.0/8",),
        webhook_scheme_whitelist=("http",),
    )
    with app_serving(create_app(settings, database)) as url:
        yield url


@pytest.fixture
def on_broker(tally, broker_url, monkeypatch):
    """Run the command against the real broker; returns exit code and what was printed."""
    monkeypatch.setenv("PACT_BROKER_BASE_URL", broker_url)
    return tally


@pytest.fixture
def read(broker_url):
    """Return what the real broker answers at a path; None when there is nothing."""

    def fetch(path):
        answer = requests.get(broker_url + path, timeout=10)
        return None if answer.status_code == requests.codes.not_found else answer.json()

    return fetch


@pytest.fixture
def publish(broker_url):
    """Publish pacts of Shop to the real broker."""

    def send(*pacts, **changes):
        body = a_publication(*(pacts or (a_pact(),)), **changes)
        requests.post(f"{broker_url}/contracts/publish", json=body, timeout=10).raise_for_status()

    return send
