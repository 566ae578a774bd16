"""The broker works with a role of PostgreSQL that may not change the audit log: that of docs/audit.md."""

import re
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from support.audit_logs import NOW, entries, read_seals, sealed_log
from support.factories import a_publication

from broker.app import create_app
from broker.background.sealer import Sealer
from broker.domain.audit.entry_filter import EntryFilter
from broker.settings.settings import Settings
from broker.storage.database import Database
from tally.audit.verification import verify

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
PAGE = Path(__file__).parents[4] / "docs/audit.md"
(SQL,) = re.findall(r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def denied(database_url):
    """A database that is used with the role of the documentation."""
    role = f"tally_{uuid4().hex}"
    owner = database_url.replace("postgresql+psycopg:", "postgresql:")
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(SQL.replace("tally_broker", role))
    database = Database(_as(owner, role))
    yield database
    database.close()
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(f"DROP OWNED BY {role}")
        connection.execute(f"DROP ROLE {role}")


def _as(url, role):
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{role}:change-me{at or '@'}{host if user else parts.netloc}").geturl()


def test_the_broker_works(denied):
    broker = create_app(Settings(audit="always"), denied).test_client()
    assert broker.post("/contracts/publish", json=a_publication()).status_code == 200
    assert broker.delete("/pacticipants/Orders").status_code == 204

    Sealer(denied).turn()

    assert len(entries(denied, EntryFilter())) == 2
    assert verify(read_seals(denied)).problem is None
    assert broker.get("/audit").status_code == 200


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET actor_name = 'eve'",
        "UPDATE audit_entries SET seal_id = 1, after = NULL",
        "DELETE FROM audit_entries",
        "TRUNCATE audit_entries",
        "UPDATE audit_seals SET hash = previous",
        "DELETE FROM audit_seals",
        "DROP TABLE audit_entries",
    ],
)
def test_the_role_can_change_and_remove_nothing(denied, statement):
    sealed_log(denied, ["A"])

    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
        denied.transaction() as storage,
    ):
        storage.connection.execute(text(statement))


def test_a_removal_that_is_denied_is_tried_again_only_later(denied):
    sealed_log(denied, ["A"], now=NOW.replace(year=2020))
    sealer = Sealer(denied, 1, clock=lambda: NOW)

    with pytest.raises(ProgrammingError, match="permission denied"):
        sealer.turn()

    assert not sealer.turn()
    assert len(entries(denied, EntryFilter())) == 1
