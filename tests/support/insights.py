"""Results with interactions and durations, published through the API, and what was counted of them."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from support.factories import a_pact, a_publication, a_verification_result, an_interaction

from broker.background.counter import Counter
from broker.storage.database import Database

Json = dict[str, Any]


class Publisher:
    """Publish pacts and results with a client of the broker."""

    def __init__(self, broker: Any) -> None:
        self.broker = broker

    def pact(
        self, consumer: str = "Shop", provider: str = "Orders", version: str = "1", interactions: int = 1
    ) -> str:
        """Publish a pact, and return where its results go."""
        parts = [an_interaction(f"interaction {number}") for number in range(interactions)]
        pact = a_pact(*parts, consumer=consumer, provider=provider)
        answer = self.broker.post("/contracts/publish", json=a_publication(pact, version=version))
        assert answer.status_code == 200, answer.text
        latest = self.broker.get(f"/pacts/provider/{provider}/consumer/{consumer}/latest")
        href: str = latest.json["_links"]["pb:publish-verification-results"]["href"]
        return href

    def result(
        self, url: str, version: str = "1", *, success: bool = True, tests: Iterable[Json] = ()
    ) -> str:
        """Publish a result, and return its address."""
        body = a_verification_result(version, success=success, testResults=list(tests))
        answer = self.broker.post(url, json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.headers["Location"])


def a_test(description: str, milliseconds: float | None = 10, *, success: bool = True) -> Json:
    """Return what a verifier says of one interaction."""
    said: Json = {"interactionDescription": description, "success": success}
    return said if milliseconds is None else {**said, "durationMs": milliseconds}


def count(database: Database, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
    """Count all that is to be counted, and judge the gates."""
    counter = Counter(database, clock=clock)
    while database.retrying.run(counter.turn):
        pass
