"""Pipelines exchange id tokens at a broker in a process of its own, also while an issuer is slow."""

import time
from concurrent.futures import ThreadPoolExecutor

import requests
from support.issuers import AUDIENCE, issuing
from support.receivers import hanging
from support.serving import serving
from support.trusting import trusting

SETTINGS = {"TALLY_BASE_URL": AUDIENCE, "TALLY_ISSUER_HOST_WHITELIST": "127.0.0.0/8"}


def exchange(url, text):
    return requests.post(f"{url}/tokens/exchange", json={"token": text}, timeout=20)


def test_a_token_is_exchanged_once_and_used_in_the_server(database, database_url, tmp_path):
    with trusting(database) as broker:
        broker.trust()
        text = broker.id_token()
        log = tmp_path / "log"
        with serving(database_url, log, environment=SETTINGS, is_forked=True) as url:
            with ThreadPoolExecutor(4) as threads:
                answers = list(threads.map(lambda _: exchange(url, text), range(4)))

            (given,) = [answer.json()["token"] for answer in answers if answer.ok]
            assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]
            headers = {"Authorization": f"Bearer {given}"}
            assert requests.get(f"{url}/pacticipants", headers=headers, timeout=20).status_code == 200
            assert exchange(url, "x" * 1_000_000).status_code == 413
            chunked = requests.post(
                f"{url}/tokens/exchange",
                data=(b"x" * 65_536 for _ in range(4)),
                headers={"Content-Type": "application/json"},
                timeout=20,
            )
            assert chunked.status_code == 411
        assert text not in log.read_text()
        assert given not in log.read_text()


def test_a_slow_issuer_holds_nobody_else_up(database, database_url, tmp_path):
    with trusting(database) as broker, issuing() as slow:
        broker.trust()
        broker.trust(kind="other", issuer=slow.url, claims={"sub": "a"}, workflow=None)
        slow.receiver.behaviour = hanging(3)
        log = tmp_path / "log"
        with (
            serving(database_url, log, environment=SETTINGS, is_forked=True) as url,
            ThreadPoolExecutor(6) as threads,
        ):
            waiting = [threads.submit(exchange, url, slow.token(sub="a")) for _ in range(6)]
            time.sleep(0.3)
            started = time.monotonic()

            assert exchange(url, broker.id_token()).status_code == 200

            assert time.monotonic() - started < 2.5, "it waited for the other issuer"
            assert {answer.result().status_code for answer in waiting} == {503}
