"""A broker in this process that assistants' tools are asked about, quicker than through their protocol."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from support.app_server import app_serving
from support.databases import new_sqlite
from support.decisions_over_http import Api, expect
from support.factories import a_publication

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.database import Database
from tally.assistants.answers import MOST_CHARACTERS, ToolError, text_of
from tally.assistants.catalogue import tools
from tally.assistants.sources.sources import Sources
from tally.broker_client import BrokerClient

TOOLS = {tool.name: tool for tool in tools(may_write=False)}


class AskedBroker:
    """A broker at *url*; *client* and *happened* make things happen in it."""

    def __init__(self, url: str, client: Any) -> None:
        self.url = url
        self.client = client
        self.happened = Api(client)
        self._sources = Sources(BrokerClient(url))

    def ask(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        """Return the document that an assistant gets."""
        document = TOOLS[tool].call(self._sources, arguments)
        assert len(text_of(document)) <= MOST_CHARACTERS
        return document

    def refusal(self, tool: str, /, **arguments: Any) -> str:
        """Return why the tool cannot answer; it has to say so."""
        with pytest.raises(ToolError) as refused:
            self.ask(tool, **arguments)
        return str(refused.value)

    def publish(self, *pacts: Any, version: str, branch: str | None = "main") -> None:
        """Publish pacts of one consumer."""
        expect(
            self.client.post(
                "/contracts/publish", json=a_publication(*pacts, version=version, branch=branch)
            ),
            200,
        )

    def page(self, url: str) -> Any:
        """Return what a browser gets there; that has to be a page."""
        answer = self.client.get(url.removeprefix(self.url), headers={"Accept": "text/html"})
        assert (answer.status_code, answer.mimetype) == (200, "text/html"), answer.text
        return answer


@contextmanager
def asked_broker(**settings: Any) -> Iterator[AskedBroker]:
    """Yield a new broker with these settings."""
    with new_sqlite() as database_url:
        database = Database(database_url, synchronous="normal")
        app = create_app(Settings(**settings), database)
        try:
            with app_serving(app) as url:
                yield AskedBroker(url, app.test_client())
        finally:
            database.close()
