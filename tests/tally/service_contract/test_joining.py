import pytest
from support.contract_documents import a_native, a_native_operation, an_asyncapi, an_openapi

from tally.errors import InvalidContractError
from tally.service_contract.joining import joined
from tally.service_contract.parsing import parse_service_contract


def parsed(*documents):
    return [parse_service_contract(document) for document in documents]


def test_documents_of_one_service_become_one_contract():
    contract = joined(parsed(an_openapi(), an_asyncapi()))

    assert [(operation.id, operation.document) for operation in contract.operations] == [
        ("getOrder", "openapi"),
        ("orderPaid", "asyncapi"),
    ]
    assert (len(contract.http_operations), len(contract.message_operations)) == (1, 1)


def test_documents_have_names():
    contract = joined(parsed(an_openapi(), an_asyncapi()), ["rest", "events"])

    assert [operation.document for operation in contract.operations] == ["rest", "events"]


def test_an_id_in_two_documents_is_refused_by_both_places():
    documents = parsed(an_openapi(), a_native(a_native_operation(path="/a/{id}")))

    with pytest.raises(
        InvalidContractError,
        match=r"^b: /operations/0: the id 'getOrder' is also that of a: /paths/~1orders~1{id}/get",
    ):
        joined(documents, ["a", "b"])


def test_a_method_and_path_in_two_documents_are_refused_by_both_places():
    documents = parsed(an_openapi(), a_native(a_native_operation(id="other")))

    with pytest.raises(
        InvalidContractError, match=r"^b: /operations/0: GET /orders/{id} is also at a: /paths/"
    ):
        joined(documents, ["a", "b"])


def test_no_document_is_no_contract():
    with pytest.raises(InvalidContractError, match="at least one document"):
        joined([])
