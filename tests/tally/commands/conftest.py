"""What the broker was sent."""

import pytest


@pytest.fixture
def published(hal_server):
    """Return the bodies of the requests to publish, as the broker received them."""
    hal_server.answers(
        "POST", "/contracts/publish", {"notices": [{"type": "success", "text": "Pact published."}]}
    )
    return lambda: [asked.body for asked in hal_server.sent("POST")]
