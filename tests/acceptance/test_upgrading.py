"""The release before this one on the schema of this one: brokers are upgraded one after the other."""

import os
import subprocess
from typing import Any

import pytest
import requests
from support import release_before
from support.full_world import World
from support.hal_crawler import crawl, hal_links
from support.later_schema import REVISION, take_later_step
from support.serving import serving

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.migrations import USABLE_FROM, schema_of, upgrade

JSON = "application/json"
HAL = {"Accept": "application/hal+json"}
PAIR = "/pacts/provider/Orders/consumer/Shop"
STARTS = (
    "/",
    "/pacticipants/Orders/versions/1",
    "/matrix?q[][pacticipant]=Shop&q[][pacticipant]=Orders",
    "/can-i-deploy?pacticipant=Orders&version=1&environment=live",
    f"{PAIR}/latest/badge.svg",
    f"{PAIR}/webhooks/status",
    "/metrics",
)
PAGES = ("/", "/pacticipants/Orders", f"{PAIR}/latest", "/can-i-deploy", "/webhooks")
BROKEN = 500
SECONDS = 60
SETTINGS = {
    "TALLY_ALLOW_DANGEROUS_CONTRACT_MODIFICATION": "true",
    "TALLY_SECRETS_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
}


class Served:
    """A broker behind an address, with what the tests use of Flask's client."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = requests.Session()

    def open(
        self, path: str, *, method: str = "GET", data: str | None = None, content_type: str = JSON
    ) -> Any:
        headers = {"Content-Type": content_type} if data is not None else {}
        where = path if path.startswith(self._url) else self._url + path
        answer = self._session.request(method, where, data=data, headers=HAL | headers, timeout=SECONDS)
        return _Answer(answer)

    def page(self, path: str) -> int:
        return self._session.get(
            self._url + path, headers={"Accept": "text/html"}, timeout=SECONDS
        ).status_code

    def walk(self) -> dict[str, int]:
        """Follow every link; return the status of each answer by its address."""
        answers = crawl(STARTS, self.open, lambda _, answer: answer.links)
        return {address: answer.status_code for address, answer in answers.items()}


class _Answer:
    def __init__(self, answer: requests.Response) -> None:
        self.status_code = answer.status_code
        self.text = answer.text
        self.json = answer.json() if "json" in answer.headers.get("Content-Type", "") else None

    @property
    def links(self) -> list[str]:
        return [link.href for link in hal_links(self.json) if not link.templated]


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """The release before this one."""
    try:
        return release_before.export(tmp_path_factory.mktemp("before"))
    except release_before.NoHistoryError as error:
        pytest.skip(f"without the history of the repository there is no release before this one: {error}")


@pytest.fixture
def empty(database):
    """A database without any table; with SQLite, only one broker runs."""
    with database.connection() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
        connection.commit()
    return database


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_brokers_of_the_release_before_go_on_while_the_schema_is_migrated(before, empty, tmp_path):
    log = tmp_path / "log"

    with serving(empty.url, log, tally=before.tally, environment=SETTINGS) as url:
        old = Served(url)
        assert old.open("/pacticipants", method="POST", data='{"name": "Early"}').status_code == 201
        assert schema_of(empty).revision == before.newest_step
        upgrade(empty)
        take_later_step(
            empty
        )  # there may be no step yet that this release does not share with the one before
        world = World(old, empty)  # part of it is written by this release
        answers = old.walk()
        pages = {page: old.page(page) for page in PAGES}
        new = create_app(Settings(), empty).test_client()
        seen_by_both = new.get("/pacticipants/Early"), new.get(PAIR + "/latest")
        made_by_new = new.post("/pacticipants", json={"name": "Late"})
        seen_by_old = old.open("/pacticipants/Late")

    assert world.ids["sha"]
    assert len(answers) > 100
    assert {address: status for address, status in answers.items() if status >= BROKEN} == {}
    assert set(pages.values()) == {200}
    assert [answer.status_code for answer in seen_by_both] == [200, 200]
    assert (made_by_new.status_code, seen_by_old.status_code) == (201, 200)
    assert "Traceback" not in log.read_text()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_release_before_starts_on_the_migrated_schema_and_says_so(before, database, tmp_path):
    log = tmp_path / "log"
    take_later_step(database)

    with serving(database.url, log, tally=before.tally) as url:
        old = Served(url)
        made, read = (
            old.open("/pacticipants", method="POST", data='{"name": "A"}'),
            old.open("/pacticipants/A"),
        )
        ready = old.open("/health/ready")

    assert (made.status_code, read.status_code, ready.status_code) == (201, 200, 200)
    assert f"from a newer release of Tallystick (its schema is {REVISION})" in log.read_text()
    assert schema_of(database).revision == REVISION


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_release_before_refuses_a_schema_that_leaves_it_behind(before, database):
    take_later_step(database, usable_from=REVISION)

    refused = subprocess.run(
        [before.tally, "serve"],
        env={**os.environ, "TALLY_DATABASE_URL": database.url},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )

    assert refused.returncode == 2
    assert "newer release" in refused.stderr
    assert schema_of(database).revision == REVISION


def test_this_release_says_that_the_release_before_can_use_its_schema(before):
    assert before.newest_step >= USABLE_FROM
