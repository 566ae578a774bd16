import orjson
import pytest
from sqlalchemy import select
from support.contract_events import EVENTS

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.tables import deliveries


@pytest.fixture
def broker(database):
    """A client of a broker with one webhook for all events, that nobody sends."""
    client = create_app(Settings(allow_dangerous_contract_modification=True), database).test_client()
    hook = {"events": [{"name": name} for name in EVENTS], "request": {"url": "https://ci.example.org"}}
    assert client.post("/webhooks", json=hook).status_code == 201
    return client


@pytest.fixture
def fired(database):
    """Return the events since the last call, with their parameters."""
    seen = [0]

    def since() -> list[tuple[str, dict[str, str]]]:
        table = deliveries.c
        statement = select(table.id, table.event, table.parameters).order_by(table.id)
        with database.connection() as connection:
            rows = connection.execute(statement.where(table.id > seen[0])).all()
        seen[0] = rows[-1].id if rows else seen[0]
        return [(row.event, orjson.loads(row.parameters)) for row in rows]

    return since
