"""Time what a new service contract costs the broker: `python tests/benchmarks/bench_service_contracts.py`.

Prints the CPU of publishing a document for a provider with 200 consumers of 20 interactions each, and of
comparing it with all their pacts, in all processes; and of publishing the same content for another version.
"""

import json
import resource
import tempfile
from collections.abc import Callable
from pathlib import Path

from flask.testing import FlaskClient
from support.contract_documents import a_response, an_openapi, an_operation
from support.factories import a_pact, a_publication, an_interaction

from broker.app import create_app
from broker.background.comparer import Comparer
from broker.settings.settings import Settings
from broker.storage.database import Database
from broker.storage.migrations import upgrade

CONSUMERS, INTERACTIONS = 200, 20
ORDER = {
    "type": "object",
    "required": ["id", "status"],
    "properties": {
        "id": {"type": "integer"},
        "status": {"type": "string"},
        "total": {"type": "object", "properties": {"amount": {"type": "integer"}}},
        "lines": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}}}},
    },
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'broker.sqlite3'}")
        upgrade(database)
        client = create_app(Settings(), database).test_client()
        for number in range(CONSUMERS):
            client.post("/contracts/publish", json=a_publication(pact_of(number), branch="main"))
        published = cpu_seconds(lambda: publish(client, "1"))
        compared = cpu_seconds(lambda: compare_all(database))
        again = cpu_seconds(lambda: publish(client, "2"))
        found = client.get("/pacticipants/Orders/versions/2/service-contract/comparisons").json
        database.close()
    what = f"{CONSUMERS} consumers of {INTERACTIONS} interactions"
    print(f"a new document of a provider with {what}: published in {published:.2f} s CPU")
    made = found["page"]["totalElements"]
    print(f"compared with all of their pacts: {compared:.2f} s CPU, {made} comparisons")
    print(f"the same document for the next version: {again:.2f} s CPU, and no comparison")


def publish(client: FlaskClient, version: str) -> None:
    paths = {
        f"/r{number}/{{id}}": {
            "get": an_operation(operationId=f"get{number}", responses={"200": a_response(ORDER)})
        }
        for number in range(INTERACTIONS)
    }
    body = {"pacticipantName": "Orders", "pacticipantVersionNumber": version, "content": an_openapi(paths)}
    answer = client.post("/service-contracts/publish", json=body)
    assert answer.status_code == 200, answer.text
    due = {"1": CONSUMERS, "2": 0}[version]
    assert answer.json["comparisonsUnderWay"] == due, json.dumps(answer.json["notices"])


def compare_all(database: Database) -> None:
    with database.transaction() as storage:
        storage.connection.exec_driver_sql("UPDATE comparisons_to_make SET due_at = '2026-01-01 00:00:00'")
    comparer = Comparer(database)
    while comparer.turn():
        pass
    comparer.stop()  # so that the CPU of its process is counted


def pact_of(consumer: int) -> dict[str, object]:
    body = {"id": consumer, "status": "paid", "total": {"amount": 5}, "lines": [{"sku": "a"}]}
    response = {"status": 200, "headers": {"Content-Type": "application/json"}, "body": body}
    interactions = [
        an_interaction(
            f"a request for {number}",
            request={"method": "GET", "path": f"/r{number}/{consumer}"},
            response=response,
        )
        for number in range(INTERACTIONS)
    ]
    return a_pact(*interactions, consumer=f"Consumer {consumer}")


def cpu_seconds(run: Callable[[], object]) -> float:
    """Return the CPU that it takes in this process, and in those that it started and that have ended."""
    before = _used()
    run()
    return _used() - before


def _used() -> float:
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


if __name__ == "__main__":
    main()
