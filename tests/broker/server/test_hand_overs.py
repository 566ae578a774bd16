"""How often a request of each kind changes threads: each time costs as much as some statements of SQL."""

import asyncio
import json

import pytest
from support.asked_gateway import asked, gateway_of
from support.factories import a_pact, a_publication

from broker.app import create_app
from broker.server.gateway import SMALL
from broker.settings.settings import Settings

JSON = {"Content_Type": "application/json", "Accept": "application/hal+json"}
PUBLISHED = json.dumps(a_publication()).encode()
LARGE = json.dumps(a_publication(a_pact(description="x" * SMALL))).encode()
DECISION = "/can-i-deploy?pacticipant=Shop&version=1&environment=production"


@pytest.mark.parametrize(
    ("method", "target", "body", "hand_overs"),
    [
        ("GET", "/diagnostic/status/heartbeat", b"", 0),
        ("GET", "/health/live", b"", 0),
        ("GET", "/health/ready", b"", 2),
        ("GET", "/metrics", b"", 2),
        ("GET", "/", b"", 0),
        ("GET", "/pacticipants", b"", 2),
        ("GET", DECISION, b"", 2),
        ("GET", f"{DECISION}&wait=0", b"", 2),
        ("POST", "/contracts/publish", PUBLISHED, 2),
        ("POST", "/contracts/publish", LARGE, 4),  # judged by its headers before it is read
        ("GET", "/nowhere", b"", 2),
    ],
    ids=str,
)
def test_a_request_goes_to_a_thread_and_back_once(database, method, target, body, hand_overs):
    gateway = gateway_of(create_app(Settings(), database))

    async def ask():
        await asked(gateway, method, target, body, **JSON)
        before = gateway.hand_overs
        await asked(gateway, method, target, body, **JSON)
        return gateway.hand_overs - before

    assert asyncio.run(ask()) == hand_overs
