"""Time the comparison of pacts with service contracts: `python tests/benchmarks/bench_comparison.py`.

Prints how many interactions a second are compared with a document of the size of the pet store, warm, in one
process; how many of a pact that was never seen; and the CPU of a new document against 200 consumers of 20
interactions each. The first is what openapi-pact-comparator 2.3.1 does 4,294 of on a quiet machine.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path

from tally.comparison.comparing import compare
from tally.pact import Pact, parse_pact
from tally.service_contract.model import ServiceContract
from tally.service_contract.parsing import parse_service_contract

TABLE = Path("tests/data/pact-vs-openapi/cases.json")
PETSTORE = "opc/oas/example-petstore-valid"
OTHERS = 4_294
CONSUMERS, INTERACTIONS = 200, 20


def main() -> None:
    cases = {case["id"]: case for case in json.loads(TABLE.read_text(encoding="utf-8"))}
    document, pact = cases[PETSTORE]["oas"], parse_pact(cases[PETSTORE]["pact"])
    contract = parse_service_contract(document)
    compare(pact, contract)

    rate = 500 * len(pact.interactions) / seconds(lambda: [compare(pact, contract) for _ in range(500)])
    print(f"warm: {rate:,.0f} interactions a second ({rate / OTHERS:.1f} times openapi-pact-comparator)")
    unseen = [a_pact(consumer) for consumer in range(CONSUMERS)]
    compare(unseen[0], contract)
    first = seconds(lambda: [compare(each, contract) for each in unseen])
    print(f"pacts that were never seen: {CONSUMERS * INTERACTIONS / first:,.0f} interactions a second")
    new = seconds(lambda: against_all(document, unseen))
    print(f"a new document against {CONSUMERS} consumers of {INTERACTIONS} interactions: {new:.2f} s CPU")


def against_all(document: dict[str, object], pacts: list[Pact]) -> None:
    contract: ServiceContract = parse_service_contract(document)
    for pact in pacts:
        compare(pact, contract)


def seconds(run: Callable[[], object]) -> float:
    started = time.process_time()
    run()
    return time.process_time() - started


def a_pact(consumer: int) -> Pact:
    """Return the pact of one consumer: no other has the same values."""
    interactions = [interaction(consumer, number) for number in range(INTERACTIONS)]
    metadata = {"pactSpecification": {"version": "3.0.0"}}
    parties = {"consumer": {"name": f"Consumer {consumer}"}, "provider": {"name": "Pet store"}}
    return parse_pact({**parties, "interactions": interactions, "metadata": metadata})


def interaction(consumer: int, number: int) -> dict[str, object]:
    json_type = {"Content-Type": "application/json"}
    pet = {
        "id": consumer * 100 + number,
        "name": f"pet {consumer} {number}",
        "status": "available",
        "photoUrls": [f"https://pets.example/{number}"],
        "category": {"id": number, "name": "dogs"},
        "tags": [{"id": 1, "name": f"tag {consumer}"}],
    }
    rules = {
        "body": {
            "$": {"matchers": [{"match": "type"}]},
            "$.id": {"matchers": [{"match": "integer"}]},
            "$.tags": {"matchers": [{"match": "type", "min": 1}]},
            "$.tags[*].name": {"matchers": [{"match": "regex", "regex": "tag .*"}]},
        }
    }
    if number % 4 == 0:
        order = {"id": number, "petId": consumer, "quantity": 1, "status": "placed", "complete": False}
        ruled = {"body": {"$.petId": {"matchers": [{"match": "integer"}]}}}
        request = {"method": "POST", "path": "/store/order", "headers": json_type, "body": order}
        answer = {"status": 200, "headers": json_type, "body": order, "matchingRules": rules}
        return {
            "description": f"an order {number}",
            "request": {**request, "matchingRules": ruled},
            "response": answer,
        }
    return {
        "description": f"a pet {number}",
        "request": {"method": "GET", "path": f"/pet/{number}", "headers": {"api_key": "k"}},
        "response": {"status": 200, "headers": json_type, "body": pet, "matchingRules": rules},
    }


if __name__ == "__main__":
    main()
