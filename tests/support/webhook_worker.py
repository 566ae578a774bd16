"""A broker with a worker that sends its webhooks, and what tests ask it."""

from contextlib import contextmanager

from support.factories import a_publication

from broker.app import create_app
from broker.background.worker import Worker
from broker.settings.settings import Settings

LOCAL = {
    "webhook_host_whitelist": ("127.0.0.0/8", "localhost"),
    "webhook_scheme_whitelist": ("http", "https"),
    "webhook_timeout": 2,
}


@contextmanager
def working(database, **settings):
    """Yield a client of an application whose webhooks a worker sends."""
    chosen = Settings(**{**LOCAL, **settings})
    worker = Worker(database, chosen)
    worker.start()
    try:
        yield create_app(chosen, database).test_client()
    finally:
        worker.stop()


def webhook(url, **changes):
    return {
        "events": [{"name": "contract_published"}],
        "request": {"method": "POST", "url": url, "body": {"pact": "${pactbroker.pactUrl}"}},
        **changes,
    }


def publish(broker, version="1", *pacts, **changes):
    answer = broker.post("/contracts/publish", json=a_publication(*pacts, version=version, **changes))
    assert answer.status_code == 200, answer.text
    return answer.json


def deliveries(broker, version="1"):
    listed = broker.get(f"/pacts/provider/Orders/consumer/Shop/version/{version}/triggered-webhooks").json
    return listed["_embedded"]["triggeredWebhooks"]


def finished(broker, version="1"):
    found = deliveries(broker, version)
    return found if all(item["status"] in {"success", "failure"} for item in found) else None


def log_of(broker, delivery):
    return broker.get(delivery["_links"]["pb:logs"]["href"], headers={"Accept": "text/plain"}).text
