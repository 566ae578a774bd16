"""Whatever a document holds, it is read, or refused by the place: never a traceback, never slow."""

import random
import time

import pytest
from support.hostile_documents import broken, documents

from tally.errors import InvalidContractError
from tally.service_contract.checks import check_service_contract
from tally.service_contract.parsing import parse_service_contract

DOCUMENTS = documents()
CASES = 40


def outcome(document):
    try:
        check_service_contract(document)
    except InvalidContractError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_the_documents_themselves_are_contracts(kind):
    assert check_service_contract(DOCUMENTS[kind]) == ()
    assert parse_service_contract(DOCUMENTS[kind]).operations


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_broken_document_is_refused_by_the_place(kind):
    chance = random.Random(f"{kind} 1")  # noqa: S311 - not for secrets
    began = time.process_time()

    for _ in range(CASES):
        message = outcome(broken(DOCUMENTS[kind], chance))
        assert message[:1] in {"", "/"}, message

    assert time.process_time() - began < 20
