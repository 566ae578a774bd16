"""`tally serve` with TALLY_DATABASE_READ_URL: what it refuses, and what its processes do by themselves."""

import pytest
import requests
from click.testing import CliRunner
from support.databases import own_postgresql
from support.factories import a_pact, a_publication
from support.reading_pages import A_BROWSER
from support.receivers import wait_until
from support.serving import free_port, serving
from support.standby import replicated

from broker.commands.serve import serve
from broker.services.settings_in_force import in_force
from broker.settings.settings import Settings


@pytest.fixture(scope="module")
def pair():
    with replicated(is_synchronous=False) as pair:
        pair.resume()
        yield pair


def refusal(database_url, read_url):
    environment = {"TALLY_DATABASE_READ_URL": read_url, "TALLY_PORT": str(free_port())}
    result = CliRunner().invoke(serve, ["--database-url", database_url], env=environment)
    assert result.exit_code == 2, result.output
    return result.stderr.splitlines()[-1]


def test_sqlite_has_no_standby(tmp_path):
    line = refusal(f"sqlite:///{tmp_path}/x.sqlite3", "postgresql://standby/x")

    assert line == "Error: TALLY_DATABASE_READ_URL needs PostgreSQL: SQLite has no standby. Leave it empty."


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite:///x.sqlite3", "is not a URL of PostgreSQL, such as postgresql://USER@HOST/NAME"),
        ("my secret", "is not a URL of PostgreSQL, such as postgresql://USER@HOST/NAME"),
        ("postgresql://ann:secret@h:x/y", "is not a URL of PostgreSQL, such as postgresql://USER@HOST/NAME"),
        ("postgresql://ann:secret@h/y?autocommit=1", "autocommit cannot be chosen in the URL"),
    ],
)
def test_what_is_no_standby_s_url_is_refused_without_its_password(pair, url, says):
    line = refusal(pair.first_url, url)

    assert line.startswith("Error: TALLY_DATABASE_READ_URL")
    assert says in line
    assert "secret" not in line


def test_the_standby_of_another_server_is_refused(pair):
    with own_postgresql() as other:
        line = refusal(pair.first_url, other.url)

    assert line == (
        "Error: TALLY_DATABASE_READ_URL cannot be used: it is not a copy of the database of "
        "TALLY_DATABASE_URL."
    )


def test_the_password_of_the_standby_is_not_shown():
    settings = Settings(database_read_url="postgresql://ann:secret@standby/tally")

    assert ":secret" not in str(in_force(settings))
    assert "standby/tally" in str(in_force(settings))


def test_a_broker_starts_without_its_standby_and_says_so(pair, tmp_path):
    log = tmp_path / "serve.log"
    away = {"TALLY_DATABASE_READ_URL": "postgresql://ann:secret@127.0.0.1:1/tally"}

    with serving(pair.first_url, log, environment=away, is_forked=True) as url:
        assert requests.get(url, headers=A_BROWSER, timeout=30).status_code == 200
        wait_until(lambda: "The standby is not read from, the primary answers" in log.read_text())

    assert "Warning: nothing is read from TALLY_DATABASE_READ_URL until it can be used" in log.read_text()
    assert "secret" not in log.read_text()


def test_a_page_that_is_told_of_a_change_is_shown_it_however_far_the_standby_is_behind(pair, tmp_path):
    read_url = {"TALLY_DATABASE_READ_URL": pair.standby_url, "TALLY_DATABASE_READ_LAG": "600"}
    logs = [tmp_path / "told.log", tmp_path / "asked.log"]

    with (
        serving(pair.first_url, logs[0], environment=read_url, is_forked=True) as told,
        serving(pair.first_url, logs[1], environment=read_url, is_forked=True) as asked,
        requests.get(
            f"{told}/live", headers={"Accept": "text/event-stream"}, stream=True, timeout=30
        ) as live,
    ):
        events = live.iter_lines()
        first = next(line for line in events if line.startswith(b"data:"))  # of what may have been missed
        pair.pause()
        publication = a_publication(a_pact(consumer="LiveShop", provider="LiveBank"))
        assert requests.post(f"{asked}/contracts/publish", json=publication, timeout=30).status_code == 200

        position = next(line for line in events if line.startswith(b"data:"))

        pages = [
            requests.get(told, headers={**A_BROWSER, **said}, timeout=30).text
            for said in ({}, {"Tally-Position": position.removeprefix(b"data:").decode()})
        ]
        counts = requests.get(f"{told}/metrics", headers={"Accept": "text/plain"}, timeout=30).text
        pair.resume()

    assert first != position
    assert all("LiveShop" in page for page in pages)
    assert 'tally_reads_total{reason="behind",server="primary"} 2.0' in counts
