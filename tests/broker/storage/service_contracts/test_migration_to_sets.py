"""Service contracts that were published before versions had sets of documents."""

from datetime import UTC, datetime

import orjson
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from support.consistency import what_is_wrong
from support.contract_documents import a_native, an_openapi
from support.old_databases import left_at

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.migrations import upgrade
from broker.storage.tables import metadata
from tally.service_contract.parsing import service_contract_hash

MONDAY = datetime(2026, 6, 1, 12, tzinfo=UTC)
DOCUMENTS = [("openapi", an_openapi()), ("service-contract", a_native())]
BEFORE = {
    "pacticipants": [{"name": "Orders", "display_name": "Orders", "updated_at": MONDAY}],
    "versions": [
        {"pacticipant_id": 1, "number": str(number), "position": number, "updated_at": MONDAY}
        for number in (1, 2, 3)
    ],
    "service_contracts": [
        {
            "pacticipant_id": 1,
            "sha": service_contract_hash(document),
            "specification": specification,
            "document": orjson.dumps(document),
            "operations_count": 1,
        }
        for specification, document in DOCUMENTS
    ],
    "service_contract_publications": [
        {"version_id": version, "service_contract_id": content}
        for version, content in ((1, 1), (2, 1), (3, 2))
    ],
}


@pytest.fixture
def old_database(database, tmp_path):
    """A database as the release before left it."""
    rows = {
        name: [
            {
                **({} if name == "service_contract_publications" else {"id": number}),
                "created_at": MONDAY,
                **row,
            }
            for number, row in enumerate(of_table, 1)
        ]
        for name, of_table in BEFORE.items()
    }
    with left_at("0009", database, tmp_path, rows) as old:
        yield old


def test_each_version_has_what_it_had_as_a_set_of_one_document(old_database):
    upgrade(old_database)

    with old_database.reading() as storage:
        sets = [storage.document_sets.of_version(storage.versions.find("Orders", number)) for number in "123"]
    names = [[document.name for document in found.documents] for found in sets]
    assert names == [["openapi"], ["openapi"], ["service-contract"]]
    assert sets[0].id == sets[1].id != sets[2].id
    assert [found.decides for found in sets] == [False] * 3
    assert {found.published_at for found in sets} == {MONDAY}
    assert what_is_wrong(old_database) == {}
    with old_database.connection() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_publishing_goes_on_from_there(old_database):
    upgrade(old_database)
    client = create_app(Settings(), old_database).test_client()

    def publish(version, document):
        body = {"pacticipantName": "Orders", "pacticipantVersionNumber": version, "content": document}
        return client.post("/service-contracts/publish", json=body)

    assert publish("1", an_openapi()).json["notices"][0]["text"].startswith("Already published")
    assert publish("4", an_openapi()).status_code == 200
    assert publish("5", an_openapi(info={"title": "Changed", "version": "2"})).status_code == 200
    with old_database.reading() as storage:
        first, fourth, fifth = (
            storage.document_sets.of_version(storage.versions.find("Orders", number)) for number in "145"
        )
    assert (first.id, first.decides) == (fourth.id, False)
    assert (fourth.decides, fifth.decides) == (True, True)
    assert fifth.id > fourth.id
