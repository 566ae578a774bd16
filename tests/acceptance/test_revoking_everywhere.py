"""What is taken away from somebody is gone in every process within five seconds."""

import time
from contextlib import ExitStack

import pytest
import requests
from support.accounts import accounts, bearer
from support.serving import serving

PROCESSES = 4
SECONDS = 5.0


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_is_taken_away_is_gone_in_four_processes_within_five_seconds(database, database_url, tmp_path):
    world = accounts(database)
    world.team("payments", "Shop")
    ada = world.token("administrator", name="ada")
    ann, bob = world.token("reader", name="ann"), world.token("reader", name="bob")
    cy = world.token("publisher", team="payments", name="cy")
    with ExitStack() as stack:
        logs = [tmp_path / f"log {number}" for number in range(PROCESSES)]
        # What is asked again and again with a token that is gone counts as failed log-ins.
        unlimited = {"TALLY_FAILED_LOGINS_PER_MINUTE": "0"}
        urls = [
            stack.enter_context(serving(database_url, log, environment=unlimited, is_forked=True))
            for log in logs
        ]

        def statuses(token, method="get", **body):
            ask = getattr(requests, method)
            path = "/pacticipants/Shop"
            return [ask(url + path, headers=bearer(token), timeout=9, **body).status_code for url in urls]

        def change(method, path, **body):
            answer = getattr(requests, method)(urls[0] + path, headers=bearer(ada), timeout=9, **body)
            answer.raise_for_status()
            return answer

        def found():
            publishes = statuses(cy, "patch", json={"displayName": "Shop"})
            return statuses(ann), statuses(bob), publishes

        assert found() == ([200] * PROCESSES,) * 3
        [token] = change("get", "/accounts/ann/tokens").json()["_embedded"]["tokens"]
        change("delete", f"/tokens/{token['uuid']}")
        change("patch", "/accounts/bob", json={"disabled": True})
        change("put", "/accounts/cy/roles", json={"roles": [{"role": "reader"}]})
        changed = time.monotonic()

        gone = [401] * PROCESSES, [401] * PROCESSES, [403] * PROCESSES
        while found() != gone:
            assert time.monotonic() - changed < SECONDS
        assert statuses(cy) == [200] * PROCESSES
