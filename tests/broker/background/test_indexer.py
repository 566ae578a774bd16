"""The thread that keeps the index of the search up to date."""

from support.factories import a_publication
from support.receivers import wait_until

from broker.background.indexer import Indexer
from broker.domain.search.entries import Kind
from broker.domain.search.query import query
from broker.services.search import index


def names(database, text):
    with database.reading() as storage:
        return [item.name for item in storage.search_results.find(query(text), [Kind.APPLICATION], 5).found]


def test_what_is_published_is_found_soon(broker, database):
    with Indexer(database).running():
        broker.post("/contracts/publish", json=a_publication())

        wait_until(lambda: names(database, "shop"))

    assert names(database, "shop") == ["Shop"]


def test_words_are_swept_after_a_while_when_something_has_changed(broker, database, monkeypatch):
    monkeypatch.setattr("broker.background.indexer.SECONDS_BETWEEN_SWEEPS", 0)
    swept = []
    monkeypatch.setattr(index, "sweep", lambda *_: swept.append(1) or 0)
    indexer = Indexer(database)

    indexer.turn()
    assert swept == []

    broker.post("/contracts/publish", json=a_publication())
    indexer.turn()
    indexer.turn()
    assert swept == [1]


def test_an_error_does_not_end_the_work(broker, database, monkeypatch, caplog):
    broker.post("/contracts/publish", json=a_publication())
    monkeypatch.setattr("broker.background.background.AFTER_AN_ERROR", 0.01)
    failures = [RuntimeError("once")]
    real = index.index_some

    def fails_once(*values):
        if failures:
            raise failures.pop()
        return real(*values)

    monkeypatch.setattr(index, "index_some", fails_once)
    with Indexer(database).running():
        wait_until(lambda: names(database, "shop") == ["Shop"])

    assert "cannot be brought up to date" in caplog.text
