"""What the broker answers, and what it was sent."""

import pytest


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
