"""What it costs to know who asks, and whether they may: microseconds of CPU over a bare Flask request.

Run it with `make bench`. Nothing is asserted. All are asked in turns in one run, and the least of several
rounds counts. A row says how much a scheme adds to the same request of a broker that is open to everybody.
"""

import gc
import io
import json
import os
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from flask import Flask
from sqlalchemy import insert, select
from support.accounts import accounts
from support.databases import NEW_DATABASE, begin_run
from support.factories import a_publication
from support.sql_statements import sql_statements

from broker.app import create_app
from broker.domain.access import digest
from broker.services.accounts.known import KnownAccounts
from broker.settings.settings import Settings
from broker.storage.database import Database
from broker.storage.tables import tokens

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "9"))
ROUND_SECONDS = 0.05
MANY_TOKENS = 5000
SCHEMES = "{:46}{:>10}{:>10}"
Ask = Callable[[], None]
_numbers = count(1)


def request(app: Any, path: str, credentials: str = "", body: Callable[[], object] | None = None) -> Ask:
    """Return what sends a request to an application, and reads the answer."""
    place, _, query = path.partition("?")
    environ = {
        "REQUEST_METHOD": "GET" if body is None else "POST",
        "PATH_INFO": place,
        "REQUEST_URI": place,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "HTTP_HOST": "localhost",
        "HTTP_ACCEPT": "application/hal+json",
        "CONTENT_TYPE": "application/json",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
    }
    if credentials:
        environ["HTTP_AUTHORIZATION"] = credentials

    def ask() -> None:
        content = b"" if body is None else json.dumps(body()).encode()
        length = {"CONTENT_LENGTH": str(len(content)), "wsgi.input": io.BytesIO(content)}
        status: list[str] = []
        answer = app({**environ, **length}, lambda line, *_: status.append(line))
        text = b"".join(answer)
        answer.close()
        if status[0][0] != "2":
            raise RuntimeError(f"{path} answered {status[0]}: {text[:300]!r}")

    return ask


def costs(asked: Mapping[str, Ask]) -> dict[str, float]:
    """Return the microseconds of CPU that each request takes."""
    for ask in asked.values():
        for _ in range(20):
            ask()
    gc.collect()
    gc.freeze()
    found: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(ROUNDS):
        for name, ask in asked.items():
            began, number = time.process_time(), 0
            while (spent := time.process_time() - began) < ROUND_SECONDS:
                ask()
                number += 1
            found[name].append(spent * 1e6 / number)
    gc.unfreeze()
    return {name: min(rounds) for name, rounds in found.items()}


def bare() -> Flask:
    """Return an application that does nothing."""
    app = Flask("bare")
    app.add_url_rule("/diagnostic/status/heartbeat", "it", lambda: {"ok": True})
    return app


def know_many(database: Database, token: str) -> KnownAccounts:
    """Give an account many tokens, and return what a process knows that was asked with all of them."""
    others = [f"other-{number}" for number in range(MANY_TOKENS)]
    until = datetime.now(UTC) + timedelta(days=1)
    with database.transaction() as storage:
        found = select(tokens).where(tokens.c.digest == digest(token))
        mine = dict(storage.connection.execute(found).mappings().one())
        del mine["id"]
        rows = [
            mine | {"uuid": str(uuid4()), "digest": digest(other), "expires_at": until} for other in others
        ]
        storage.connection.execute(insert(tokens), rows)
    known = KnownAccounts(database)
    for each in (*others, token):
        known.of_token(each, datetime.now(UTC))
    return known


def schemes(database: Database, token: str) -> dict[str, Ask]:
    """Return a request that does next to nothing, by who asks for it."""
    path, known = "/diagnostic/status/heartbeat", know_many(database, token)
    of_accounts = create_app(Settings(public_heartbeat=False), database, known=known)
    as_password = b64encode(f"anybody:{token}".encode()).decode()
    asked = {
        f"bearer, {MANY_TOKENS} tokens of accounts known": request(of_accounts, path, f"Bearer {token}"),
        "Basic, a token of an account as password": request(of_accounts, path, f"Basic {as_password}"),
    }
    for number in (50, 1000):
        given = tuple(f"t{each}:write:settings-token-{each:06}" for each in range(number))
        app = create_app(Settings(api_tokens=given, public_heartbeat=False), database)
        last = f"Bearer settings-token-{number - 1:06}"
        asked[f"bearer, the last of {number} tokens of the settings"] = request(app, path, last)
    users = Settings(public_heartbeat=False, basic_auth_username="ci", basic_auth_password="a-password")
    user = b64encode(b"ci:a-password").decode()
    asked["Basic, a user of the settings"] = request(create_app(users, database), path, f"Basic {user}")
    return asked


def changes(app: Any, credentials: str) -> dict[str, Ask]:
    """Return what a pipeline asks."""
    return {
        "can I deploy": request(app, "/can-i-deploy?pacticipant=Shop&version=1&environment=lab", credentials),
        "publish a pact of a new version": request(
            app, "/contracts/publish", credentials, lambda: a_publication(version=f"b{next(_numbers)}")
        ),
    }


def report_schemes(open_url: str, database: Database, token: str) -> None:
    """Print what each way to know somebody adds to a request."""
    path, without = "/diagnostic/status/heartbeat", Database(open_url)
    asked = {
        "a bare Flask request": request(bare(), path),
        "a broker that is open to everybody": request(create_app(Settings(), without), path),
        **schemes(database, token),
    }
    found = costs(asked)
    print(SCHEMES.format("", "µs", "added"))
    for name, cost in found.items():
        added = cost - found["a broker that is open to everybody"]
        print(SCHEMES.format(name, f"{cost:.0f}", f"{added:+.0f}"))
    without.close()


def report_changes(name: str, open_url: str, database: Database, token: str) -> None:
    """Print what permissions and the audit log add to what a pipeline asks, and statements."""
    without = Database(open_url)
    both = (
        changes(create_app(Settings(), without), ""),
        changes(create_app(Settings(), database), f"Bearer {token}"),
    )
    print(f"\n{name:34}{'open':>16}{'with accounts':>22}{'ratio':>8}   (µs, statements)")
    for question in both[0]:
        found = costs({"open": both[0][question], "with": both[1][question]})
        numbers = [_statements(of[question]) for of in both]
        columns = f"{found['open']:>11.0f}{numbers[0]:>5}{found['with']:>17.0f}{numbers[1]:>5}"
        print(f"{question:34}{columns}{found['with'] / found['open']:>8.2f}")
    without.close()


def _statements(ask: Ask) -> int:
    with sql_statements() as seen:
        ask()
    return len(seen)


def fill(url: str) -> None:
    """Publish a pact, and make an environment."""
    database = Database(url)
    client = create_app(Settings(), database).test_client()
    client.post("/environments", json={"name": "lab", "production": False})
    client.post("/contracts/publish", json=a_publication())
    database.close()


def main() -> None:
    """Print the figures for both databases."""
    begin_run()
    for name, new_database in NEW_DATABASE.items():
        with new_database() as open_url, new_database() as url:
            fill(open_url)
            fill(url)
            database = Database(url)
            made = accounts(database)
            made.team("payments", "Shop", "Orders")
            token = made.token("publisher", team="payments")
            if name == "sqlite":
                report_schemes(open_url, database, token)
            report_changes(name, open_url, database, token)
            database.close()


if __name__ == "__main__":
    main()
