from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from support.contract_documents import a_native, a_native_operation, an_openapi

from broker.domain.errors import ContractsConflictError
from broker.domain.service_contracts.documents import NewDocument, NewServiceContract
from broker.domain.service_contracts.reading import checked
from broker.domain.service_contracts.service_contract import NewServiceContractResult
from broker.services.circumstances import Circumstances
from broker.services.service_contracts import publish as publishing
from broker.services.service_contracts import service_contracts
from broker.settings.settings import Settings

pytestmark = pytest.mark.pooled

NOW = datetime(2026, 1, 31, 10, tzinfo=UTC)


def a_document(document=None, name="openapi"):
    content = checked(document or an_openapi())
    return NewDocument(
        name, content.specification, content.sha, content.text, content.operations_count, content.contract
    )


def a_contract(*documents, **changes):
    named = documents or (a_document(),)
    return NewServiceContract(**{"pacticipant": "Orders", "version": "1", "documents": named, **changes})


def publish(database, *arguments, **changes):
    contract, circumstances = a_contract(*arguments, **changes), Circumstances(NOW, Settings())
    return database.write(lambda storage: publishing.publish(storage, contract, circumstances))


def test_equal_content_is_stored_once(database):
    first = publish(database, version="1")
    second = publish(database, version="2")

    assert first.documents.id == second.documents.id
    assert (first.added, second.added) == ({"openapi"}, {"openapi"})


def test_the_content_of_another_service_is_its_own(database):
    orders = publish(database)
    payments = publish(database, pacticipant="Payments")

    assert orders.documents.documents[0].id != payments.documents.documents[0].id


def test_the_same_content_again_changes_nothing(database):
    publish(database)

    again = publish(database)

    assert not again.added


def test_another_content_for_the_same_version_is_refused_and_leaves_nothing(database):
    publish(database)

    with pytest.raises(ContractsConflictError):
        publish(database, a_document(a_native()), branch="feature", build_url="https://ci.example.org/2")

    with database.reading() as storage:
        version = storage.versions.find("Orders", "1")
        assert (version.branches, version.build_url) == ((), None)
        assert storage.service_contracts.find("Orders", a_document(a_native()).sha) is None


def test_publishing_records_the_version(database):
    publish(database, branch="main", tags=("a", "b"), build_url="https://ci.example.org/1")

    with database.reading() as storage:
        version = storage.versions.find("Orders", "1")
        assert [branch.name for branch in version.branches] == ["main"]
        assert version.tags == ("a", "b")
        assert version.build_url == "https://ci.example.org/1"


def test_a_build_url_that_is_not_given_is_kept(database):
    publish(database, build_url="https://ci.example.org/1")

    publish(database)

    with database.reading() as storage:
        assert storage.versions.find("Orders", "1").build_url == "https://ci.example.org/1"


def test_a_new_service_can_be_published_from_many_sides_at_once(database):
    with ThreadPoolExecutor(8) as threads:
        published = list(threads.map(lambda _: publish(database), range(16)))

    assert sum(len(publication.added) for publication in published) == 1
    assert len({publication.documents.id for publication in published}) == 1


def test_documents_that_are_published_at_once_under_several_names_are_all_there(database):
    operations = [a_native_operation(id=f"read{n}", path=f"/{n}/{{id}}") for n in range(8)]
    documents = [a_document(a_native(each), each["id"]) for each in operations]

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda document: publish(database, document), documents))

    with database.reading() as storage:
        found = storage.document_sets.of_version(storage.versions.find("Orders", "1"))
    assert found.shas == {document.name: document.sha for document in documents}


def test_the_newest_result_counts_for_a_content_and_for_a_version_of_it(database):
    published = publish(database).documents.documents[0]

    with database.transaction() as storage:
        content = storage.service_contracts.find("Orders", published.sha)
        for version, success in (("1", False), ("1", True), ("2", False)):
            result = NewServiceContractResult(version, success=success)
            service_contracts.record_result(storage, content, result, NOW)

    with database.reading() as storage:
        first = storage.versions.find("Orders", "1")
        assert storage.service_contracts.latest_result(content).provider_version == "2"
        assert storage.service_contracts.latest_result_of(content.id, first).success
