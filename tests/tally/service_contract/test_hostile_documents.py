"""Whatever a document holds, it is read, or refused by the place: never a traceback, never slow."""

import dataclasses
import random
import time

import pytest
from support.hostile_documents import broken, documents
from support.searching import TIMES

from tally.errors import InvalidContractError
from tally.json_schema.pointers import pointer_parts
from tally.json_schema.resources import value_at
from tally.service_contract.checks import check_service_contract
from tally.service_contract.parsing import parse_service_contract

DOCUMENTS = documents()
CASES = 40 * TIMES


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


def pointers(value):
    """Yield every pointer in a contract."""
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            inner = getattr(value, field.name)
            yield from [inner] if field.name == "pointer" else pointers(inner)
    elif isinstance(value, list | tuple | dict):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from pointers(inner)


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_every_pointer_leads_to_a_part_of_the_document(kind):
    found = set(pointers(parse_service_contract(DOCUMENTS[kind])))

    assert found
    for pointer in found:
        assert value_at(DOCUMENTS[kind], pointer_parts(pointer)) is not None


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_broken_document_is_refused_by_the_place(kind):
    chance = random.Random(f"{kind} {TIMES}")  # noqa: S311 - not for secrets
    began = time.process_time()

    for _ in range(CASES):
        message = outcome(broken(DOCUMENTS[kind], chance))
        assert message[:1] in {"", "/"}, message

    assert time.process_time() - began < 20 * TIMES
