"""A broker with something in every table, of several who must not be mixed up."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, insert
from support.contract_documents import an_openapi
from support.factories import a_pact, a_publication, a_verification_result, an_interaction

from broker.domain.decisions.comparisons import ComparedPair
from broker.domain.decisions.evidence import ComparisonVerdict
from broker.domain.service_contracts.needs import Need, NewDependency
from broker.domain.webhooks.delivery import Status
from broker.storage.database import Database
from broker.storage.tables import comparisons_to_make
from broker.storage.webhooks.outbox import AttemptRecord

WEBHOOKS = {
    "anybody": {},
    "Shop alone": {"consumer": {"name": "Shop"}},
    "Orders alone": {"provider": {"name": "Orders"}},
    "Shop and Orders": {"consumer": {"name": "Shop"}, "provider": {"name": "Orders"}},
    "Web and Orders": {"consumer": {"name": "Web"}, "provider": {"name": "Orders"}},
}
EVENTS = ("contract_content_changed", "provider_verification_failed")


class World:
    """What is built, and the identifiers that addresses need: `{webhook}`, `{environment}`, `{result}` …"""

    def __init__(self, broker: Any, database: Database) -> None:
        self._broker = broker
        self._database = database
        self.ids: dict[str, str] = {}
        self._set_up()
        self._publish()
        self._verify()
        self._deploy()
        self._publish_service_contracts()
        self._change_what_was()
        self._deliver()

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request that must not be refused, and return its answer's document."""
        content_type = "application/merge-patch+json" if method == "PATCH" else "application/json"
        data = None if body is None else json.dumps(body)
        answer = self._broker.open(path, method=method, data=data, content_type=content_type)
        assert answer.status_code in {200, 201, 202, 204}, f"{method} {path}: {answer.text}"
        return answer.json

    def _set_up(self) -> None:
        for name in ("staging", "live"):
            made = self.ask("POST", "/environments", {"name": name, "production": name == "live"})
            self.ids[name] = made["uuid"]
        for name in ("Shop", "Web", "Orders", "Lonely"):
            self.ask("POST", "/pacticipants", {"name": name})
        for name in ("Shop", "Web", "Orders", "Lonely"):
            self.ask("PUT", f"/pacticipants/{name}/labels/team", {})
        for description, parties in WEBHOOKS.items():
            request = {"method": "POST", "url": "https://ci.example.org/"}
            events = [{"name": name} for name in EVENTS]
            body = {"description": description, "events": events, "request": request, **parties}
            made = self.ask("POST", "/webhooks", body)
            self.ids[description] = made["_links"]["self"]["href"].rpartition("/")[2]
        self.ask("PUT", "/secrets/token", {"value": "hidden"})
        for metric, parties in (("success_rate", {}), ("p95", {"pacticipantName": "Orders"})):
            made = self.ask("POST", "/gates", {"metric": metric, "threshold": 95, **parties})
            self.ids[metric] = made["uuid"]

    def _publish(self) -> None:
        for number in ("1", "2", "3"):
            for content in (f"draft {number}", f"content {number}"):
                pacts = [a_pact(an_interaction(content), provider=name) for name in ("Orders", "Stock")]
                self.ask(
                    "POST", "/contracts/publish", a_publication(*pacts, version=number, tags=["dev", number])
                )
        self.ask("PUT", "/pacticipants/Shop/branches/side/versions/2", {})
        for consumer, provider in (("Web", "Orders"), ("Till", "Ledger")):
            pact = a_pact(an_interaction("content 1"), consumer=consumer, provider=provider)
            self.ask("POST", "/contracts/publish", a_publication(pact, version="1", tags=["dev"]))

    def _verify(self) -> None:
        for consumer, number, provider, version in (
            ("Shop", "1", "Orders", "1"),
            ("Shop", "2", "Orders", "1"),
            ("Shop", "3", "Orders", "2"),
            ("Shop", "3", "Stock", "1"),
            ("Web", "1", "Orders", "1"),
            ("Till", "1", "Ledger", "1"),
        ):
            results = self._results(consumer, number, provider)
            for success in (False, True):
                made = self.ask("POST", results, a_verification_result(version, success=success))
            self.ids[f"{consumer} {number} by {provider}"] = made["_links"]["self"]["href"]
            if (consumer, number) == ("Shop", "1"):
                parts = made["_links"]["self"]["href"].split("/")
                self.ids["number"], self.ids["sha"] = parts[-1], parts[-3]
            self.ask("PUT", f"/pacticipants/{provider}/branches/main/versions/{version}", {})
            self.ask("PUT", f"/pacticipants/{provider}/versions/{version}/tags/prod", {})
        part = {"run": "7", "index": 1, "count": 2}
        self.ask("POST", self._results("Shop", "3", "Orders"), a_verification_result("1", shard=part))
        self.ask("POST", self._results("Web", "1", "Orders"), a_verification_result("2", shard=part))

    def _results(self, consumer: str, number: str, provider: str) -> str:
        pact = self.ask("GET", f"/pacts/provider/{provider}/consumer/{consumer}/version/{number}")
        return str(pact["_links"]["pb:publish-verification-results"]["href"])

    def _deploy(self) -> None:
        for name, number, instance in (
            ("Shop", "1", ""),
            ("Shop", "2", ""),
            ("Shop", "2", "blue"),
            ("Orders", "1", ""),
        ):
            for environment in ("staging", "live"):
                path = self._recorded(name, number, "deployed", environment)
                self.ask("POST", path, {"applicationInstance": instance} if instance else {})
        for name, number in (("Shop", "3"), ("Orders", "2"), ("Web", "1")):
            path = self._recorded(name, number, "released", "live")
            release = self.ask("POST", path, {})["_links"]["self"]["href"]
            self.ask("PATCH", release, {"currentlySupported": False})
            self.ask("POST", path, {})

    def _recorded(self, name: str, number: str, how: str, environment: str) -> str:
        version = f"/pacticipants/{name}/versions/{number}"
        return f"{version}/{how}-versions/environment/{self.ids[environment]}"

    def _publish_service_contracts(self) -> None:
        for name, number in (("Orders", "1"), ("Orders", "2"), ("Stock", "1")):
            document = an_openapi(info={"title": f"{name} {number}", "version": number})
            body = {
                "pacticipantName": name,
                "pacticipantVersionNumber": number,
                "specification": "openapi",
                "content": document,
            }
            published = self.ask("POST", "/service-contracts/publish", body)
            results = published["_links"]["tally:publish-verification-results"]["href"]
            self.ask("POST", results, a_verification_result(number))
        took_part = [("Orders", "1"), ("Shop", "2")]
        scenario = {
            "title": "The shop",
            "success": True,
            "durationMs": 5,
            "participants": [
                {"pacticipantName": name, "pacticipantVersionNumber": number} for name, number in took_part
            ],
            "testResults": {"workflows": []},
        }
        self.ask("POST", "/scenario-results", scenario)
        rules = {"mode": "full", "documents": [{"name": "openapi", "lenient": True}]}
        self.ask("PUT", "/pacticipants/Orders/service-contract-policy", rules)
        self._compare()

    def _compare(self) -> None:
        """Compare a pact with what Orders 2 has, let Stock depend on Orders, and let Orders 2 get more."""
        now = datetime.now(UTC)
        shas = {name: self._results(name, "1", "Orders").split("/")[-2] for name in ("Shop", "Web")}
        with self._database.transaction() as storage:
            found = storage.pacticipants.find_many(["Orders", "Stock"])
            version = storage.versions.find("Orders", "2")
            documents = storage.document_sets.of_version(version)
            of_stock = storage.document_sets.of_version(storage.versions.find("Stock", "1"))
            for consumer, sha in shas.items():
                content = storage.verification_results.content(consumer, "Orders", sha)
                pair = ComparedPair(content, documents.id)
                storage.comparisons.add(pair, ComparisonVerdict.COMPATIBLE, b"{}", now)
            waiting = {"base_url": "", "claims": 0, "due_at": now}
            pair = {"pact_version_id": content.id, "set_id": documents.id}
            storage.connection.execute(delete(comparisons_to_make))  # what the broker had no time for
            storage.connection.execute(insert(comparisons_to_make), {**pair, **waiting})
            needed = NewDependency("Orders", (Need("operation:getOrder", "getOrder"),))
            storage.offers.add_dependencies(
                of_stock.documents[0].id, found["Stock"], [(found["Orders"], needed)], now
            )
            storage.document_sets.change(version, documents.id, now)

    def _change_what_was(self) -> None:
        """Let there be something that was so and is no longer, for each kind that is remembered."""
        for name in ("Shop", "Orders"):
            self.ask("PUT", f"/pacticipants/{name}/versions/1/tags/old", {})
            self.ask("DELETE", f"/pacticipants/{name}/versions/1/tags/old")
            for number in ("1", "2"):
                self.ask("PUT", f"/pacticipants/{name}/branches/fix/versions/{number}", {})
            self.ask("DELETE", f"/pacticipants/{name}/branches/fix/versions/2")
            self.ask("PATCH", f"/pacticipants/{name}", {"mainBranch": "fix"})
            self.ask("PATCH", f"/pacticipants/{name}", {"mainBranch": "main"})
        self.ask("PUT", "/pacticipants/Lonely/versions/1", {})
        self.ask("DELETE", "/pacticipants/Lonely/versions/1")

    def _deliver(self) -> None:
        """Let one delivery of each webhook for each event be over; the others are still due."""
        now = datetime.now(UTC)
        with self._database.transaction() as storage:
            done = set()
            for claimed in storage.outbox.claim(3600, most=1000):
                if (claimed.webhook_id, claimed.event) not in done:
                    storage.outbox.record(claimed, AttemptRecord(Status.FAILURE, "no answer", None), now)
                    done.add((claimed.webhook_id, claimed.event))
