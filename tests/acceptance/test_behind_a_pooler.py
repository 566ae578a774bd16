"""Brokers and workers share PgBouncer's few sessions, while everybody reads and writes."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
import requests
from support.factories import a_publication
from support.receivers import receiving, wait_until
from support.webhook_programs import Program, create_webhook, is_up, port_of_our_own, unfinished, written

SERVERS, WORKERS, CLIENTS, ROUNDS = 2, 2, 8, 12
ANSWERS = {200, 201, 204, 404}


@pytest.mark.parametrize("database_url", ["pooler"], indirect=True)
def test_several_brokers_and_workers_share_few_sessions(database, database_url, tmp_path):
    with ExitStack() as stack:
        receiver = stack.enter_context(receiving())
        log = stack.enter_context((tmp_path / "programs.log").open("w+"))
        urls = [start("serve", database_url, log, stack) for _ in range(SERVERS)]
        for _ in range(WORKERS):
            start("worker", database_url, log, stack)
        wait_until(lambda: all(is_up(url) for url in urls), patience=60)
        create_webhook(urls[0], receiver)

        with ThreadPoolExecutor(CLIENTS) as clients:
            answers = Counter(
                status
                for found in clients.map(lambda name: ask(urls, name), range(CLIENTS))
                for status in found
            )
        wait_until(lambda: not unfinished(database), patience=60)

        assert set(answers) <= ANSWERS, answers
        assert len(written(database)) == CLIENTS * ROUNDS
        assert Counter(receiver.delivered) == Counter(written(database))
        log.seek(0)
        assert "Traceback" not in log.read()


def start(command, database_url, log, stack):
    port = port_of_our_own()
    environment = {
        "TALLY_DATABASE_URL": database_url,
        "TALLY_PORT": str(port),
        "TALLY_WEBHOOK_WORKER": "false",
        "TALLY_DATABASE_CLEAN_ENABLED": "true",
    }
    program = Program(command, environment, log)
    program.start()
    stack.callback(program.stop)
    return f"http://127.0.0.1:{port}"


def ask(urls, number):
    """Do what a pipeline does, again and again, at one broker after the other; return the statuses."""
    statuses = []
    with requests.Session() as session:
        for turn in range(ROUNDS):
            url, version = urls[turn % len(urls)], f"{number}.{turn}"
            deploy = f"{url}/can-i-deploy?pacticipant=Shop&version={version}&to=dev"
            found = f"{url}/pacts/provider/Orders/consumer/Shop/latest"
            body = a_publication(version=version, branch="main", tags=["dev"])
            statuses.append(session.post(f"{url}/contracts/publish", json=body, timeout=30).status_code)
            pact = session.get(found, timeout=30)
            result = {"success": True, "providerApplicationVersion": version}
            publish = pact.json()["_links"]["pb:publish-verification-results"]["href"]
            statuses += [
                pact.status_code,
                session.post(publish, json=result, timeout=30).status_code,
                session.get(deploy, timeout=30).status_code,
                session.get(f"{url}/pacticipants/Shop/versions?size=5", timeout=30).status_code,
                session.delete(
                    f"{url}/pacticipants/Shop/versions/{version}/tags/dev", timeout=30
                ).status_code,
            ]
    return statuses
