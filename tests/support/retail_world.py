"""The world of an invented retailer in a broker: 40 services, 70 integrations, 90 days.

It is written through the API of an application in this process, whose clock is moved. It is made once in a
run, and copied for whoever wants it. The same names have the same history each time; it ends now.
"""

import base64
import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import yaml
from support import databases, receivers
from support.clocks import Clock
from support.retailer import B2B, BRANCHES, EVERYBODY, KYOTO, LONG, NOUNS, PAIRS, SIZES, TEAMS, Pair

TURNS = 7
DAYS = 90.0
KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
"""With which the secrets of webhooks are stored."""
BROKEN_SINCE = 5
"""The turn in which integrations that failed began to fail."""
_NOT_IN_PRODUCTION = {"Admin Console", SIZES}
_NEVER_VERIFIED = {KYOTO, "Fraud Check"}
_DOCUMENT = Path(__file__).parents[2] / "docs/examples/orders/openapi.yaml"
_MISMATCHES: list[dict[str, Any]] = [
    {
        "attribute": "body",
        "identifier": "$.status",
        "description": "Expected 'open' (String) to match 'open|paid|shipped', but was 'PENDING_REVIEW'",
        "expected": "open",
        "actual": "PENDING_REVIEW",
    },
    {
        "attribute": "body",
        "identifier": "$.total_cents",
        "description": "Expected 1350 (Integer) to be equal to 13.50 (Decimal)",
        "expected": 1350,
        "actual": 13.5,
    },
    {"attribute": "status", "description": "expected 200 but was 500", "expected": 200, "actual": 500},
]


@dataclass(frozen=True)
class World:
    """A copy of the world: the URL of its database, and what is called by an id in it."""

    url: str
    ids: Mapping[str, str]


@contextmanager
def new_world() -> Iterator[World]:
    """Yield a copy of the world; it is removed afterwards."""
    with databases.once("retail_world.sqlite3") as (template, is_first):
        ids = template.with_suffix(".json")
        if is_first:
            ids.write_text(json.dumps(build(template)))
    with databases.new_sqlite() as url:
        shutil.copyfile(template, url.removeprefix("sqlite:///"))
        yield World(url, json.loads(ids.read_text()))


def build(path: Path) -> dict[str, str]:
    """Write the world to a new file of SQLite; return what is called by an id in it."""
    path.unlink(missing_ok=True)
    url = f"sqlite:///{path}"
    databases.migrate(url)
    return fill(url)


def fill(url: str) -> dict[str, str]:
    """Write the world to an empty database; return what is called by an id in it."""
    from support import audit_logs  # noqa: PLC0415 - it loads the broker, and other programs' tests do not

    from broker.app import create_app  # noqa: PLC0415 - other programs' tests load no broker
    from broker.background.worker import Worker  # noqa: PLC0415 - ditto
    from broker.settings.settings import Settings  # noqa: PLC0415 - ditto
    from broker.storage.database import Database  # noqa: PLC0415 - ditto

    database = Database(url, synchronous="off")
    clock = Clock(datetime.now(UTC))
    settings = Settings(
        secrets_key=(KEY,),
        webhook_host_whitelist=("127.0.0.0/8",),
        webhook_scheme_whitelist=("http", "https"),
        webhook_retry_schedule=(0,),
        check_for_potential_duplicate_pacticipant_names=False,
    )
    client = create_app(settings, database, clock=clock).test_client()
    with receivers.receiving(_receive) as receiver:
        worker = Worker(database, settings, clock=clock)
        made = _Builder(client, clock, receiver.url)
        ids = made.everything(worker)
    audit_logs.of_a_retailer(database, clock.now)
    database.close()
    return ids


def _path(url: str) -> str:
    return urlsplit(url).path


def _receive(handler: Any) -> None:
    status = 500 if "broken" in handler.path else 401 if "denied" in handler.path else 200
    body = {500: b"<h1>500 Internal Server Error</h1>", 401: b'{"message": "Bad credentials"}', 200: b"{}"}
    receivers.answer(handler, status, body[status])


class _Builder:
    """What happened in 90 days, as requests to a broker."""

    def __init__(self, client: Any, clock: Clock, receiver: str) -> None:
        self._client = client
        self._clock = clock
        self._now = clock.now
        self._receiver = receiver
        self._environments: dict[str, str] = {}
        self._interactions: dict[tuple[str, str, str], tuple[str, list[Any]]] = {}
        self._contents: dict[tuple[str, str], str] = {}

    def everything(self, worker: Any) -> dict[str, str]:
        self._days_ago(DAYS)
        self._begin()
        for turn in range(1, TURNS + 1):
            if turn == TURNS - 1:
                webhook = self._webhooks()
                worker.start()
            self._days_ago(DAYS * (1 - turn / TURNS) ** 1.3 + 0.05)
            self._turn(turn)
        for number, (consumer, branch, days) in enumerate(BRANCHES):
            self._days_ago(days)
            self._branch(consumer, branch, 5 + number)
        self._service_contracts()
        gate = self._gates()
        self._days_ago(0)
        self._ask("PUT", "/pacts/provider/Weather/consumer/Odd/version/1", {"a": 1, "b": ["no pact", {}]})
        self._wait(webhook)
        worker.stop()
        return {"gate": gate, **self._ids(webhook)}

    def _days_ago(self, days: float) -> None:
        self._clock.now = self._now - timedelta(days=days)

    def _compared(self, what: str) -> str:
        """Return the path of what came of comparing the service contract of Orders."""
        listed = self._ask("GET", f"/pacticipants/Orders/versions/1.7.0/service-contract/{what}")
        return _path(listed["_embedded"][what][0]["_links"]["self"]["href"])

    def _scenario(self) -> str:
        step = {"stepId": "pay", "service": "Orders", "operation": "POST /orders", "outcome": "failed"}
        steps = [{**step, "problem": "expected status 201, got 500", "durationMs": 1300}]
        workflow = {"workflowId": "buy", "summary": "A customer buys", "outcome": "failed", "steps": steps}
        body = {
            "title": "Buying, paying, shipping",
            "success": False,
            "durationMs": 1834,
            "participants": [{"pacticipantName": "Orders", "pacticipantVersionNumber": "1.7.0"}],
            "testResults": {"workflows": [workflow]},
        }
        return _path(self._ask("POST", "/scenario-results", body)["_links"]["self"]["href"])

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._client.open(path, method=method, json=body)
        assert answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.text[:600]}"
        return answer.get_json(silent=True)

    def _begin(self) -> None:
        found = self._ask("GET", "/environments")["_embedded"]["environments"]
        self._environments = {item["name"]: item["uuid"] for item in found}
        contacts = [{"name": "Platform team", "details": {"slack": "#platform"}}]
        staging = {
            "name": "staging",
            "displayName": "Staging (EU)",
            "production": False,
            "contacts": contacts,
        }
        self._environments["staging"] = self._ask("POST", "/environments", staging)["uuid"]
        for team, names in TEAMS.items():
            for name in names:
                body = {"name": name, "mainBranch": _main_branch(name)}
                if name != "Email Gateway":
                    body["repositoryUrl"] = f"https://git.example.org/{team}/{quote(name.lower(), safe='')}"
                self._ask("POST", "/pacticipants", body)
                self._ask("PUT", f"/pacticipants/{_quoted(name)}/labels/{_quoted('team:' + team)}", {})

    def _turn(self, turn: int) -> None:
        """Each consumer publishes, each provider verifies, and what was built is deployed."""
        is_last = turn == TURNS
        for consumer in dict.fromkeys(pair.consumer for pair in PAIRS):
            pairs = [pair for pair in PAIRS if pair.consumer == consumer and not _is_over(pair, turn)]
            if pairs:
                pacts = [pact(pair, _generation(pair, turn)) for pair in pairs]
                self._publish(consumer, number_of(consumer, turn), pacts, _main_branch(consumer))
        for name in EVERYBODY:
            path = f"/pacticipants/{_quoted(name)}/branches/{_main_branch(name)}/versions/"
            self._ask("PUT", path + _quoted(number_of(name, turn)), {})
        for pair in PAIRS:
            if not _is_verified(pair, turn):
                continue
            version = number_of(pair.consumer, turn if not _is_over(pair, turn) else 3)
            is_pending = pair.state == "pending" and is_last
            built = number_of(pair.provider, turn)
            self._verify(pair, version, built, _fails(pair, turn), pending=is_pending)
        for environment, lag in (("test", 0), ("staging", 1), ("production", 2)):
            # Three turns are enough of a history.
            if turn - lag >= 1 and turn >= TURNS - 2:
                self._deploy_all(environment, turn - lag)

    def _deploy_all(self, environment: str, turn: int) -> None:
        for name in EVERYBODY:
            if name == KYOTO or (environment == "production" and name in _NOT_IN_PRODUCTION):
                continue
            if environment == "production" and name.startswith("Storefront ") and name != "Storefront Web":
                self._deploy(name, turn, environment, "released")
            elif environment == "production" and name == "Inventory":
                self._deploy(name, turn, environment, instance="eu-1")
                self._deploy(name, max(1, turn - 2), environment, instance="us-1")
            else:
                self._deploy(name, turn, environment)

    def _deploy(
        self, name: str, turn: int, environment: str, how: str = "deployed", instance: str | None = None
    ) -> None:
        version = f"/pacticipants/{_quoted(name)}/versions/{_quoted(number_of(name, turn))}"
        body = {"applicationInstance": instance} if instance else {}
        self._ask("POST", f"{version}/{how}-versions/environment/{self._environments[environment]}", body)

    def _publish(self, consumer: str, version: str, pacts: list[Any], branch: str) -> None:
        contracts = [
            {
                "consumerName": consumer,
                "providerName": found["provider"]["name"],
                "specification": "pact",
                "contentType": "application/json",
                "content": base64.b64encode(json.dumps(found).encode()).decode(),
            }
            for found in pacts
        ]
        publication = {
            "pacticipantName": consumer,
            "pacticipantVersionNumber": version,
            "branch": branch,
            "buildUrl": _build_url(consumer, version),
            "contracts": contracts,
        }
        self._ask("POST", "/contracts/publish", publication)
        for found in pacts:
            self._contents[version, found["provider"]["name"]] = json.dumps(found)

    def _verify(
        self,
        pair: Pair,
        version: str,
        built: str,
        fails: tuple[int, ...],
        *,
        pending: bool = False,
    ) -> None:
        url, interactions = self._pending(pair) if pending else self._to_verify(pair, version)
        results = [_result(item, place, built, fails) for place, item in enumerate(interactions)]
        body = {
            "success": not fails,
            "providerApplicationVersion": built,
            "testResults": results,
            "buildUrl": _build_url(pair.provider, built),
            "verifiedBy": {"implementation": "tallystick", "version": "0.1.0"},
        }
        self._ask("POST", url, body)

    def _to_verify(self, pair: Pair, version: str) -> tuple[str, list[Any]]:
        """Return where the result goes, and the interactions; the same content is read once."""
        key = (pair.consumer, pair.provider, self._contents[version, pair.provider])
        if key not in self._interactions:
            self._interactions[key] = self._read(
                f"/pacts/provider/{_quoted(pair.provider)}/consumer/{_quoted(pair.consumer)}"
                f"/version/{_quoted(version)}"
            )
        return self._interactions[key]

    def _read(self, address: str) -> tuple[str, list[Any]]:
        found = self._ask("GET", address)
        url = found["_links"]["pb:publish-verification-results"]["href"]
        return url, found.get("interactions") or found.get("messages")

    def _pending(self, pair: Pair) -> tuple[str, list[Any]]:
        asked = {"providerVersionBranch": "main", "includePendingStatus": True}
        asked["consumerVersionSelectors"] = [{"mainBranch": True}]
        listed = self._ask("POST", f"/pacts/provider/{_quoted(pair.provider)}/for-verification", asked)
        addresses = [item["_links"]["self"]["href"] for item in listed["_embedded"]["pacts"]]
        return self._read(
            next(found for found in addresses if f"/consumer/{_quoted(pair.consumer)}/" in found)
        )

    def _branch(self, consumer: str, branch: str, generation: int) -> None:
        pairs = [pair for pair in PAIRS if pair.consumer == consumer]
        version = _hash(consumer, branch)
        self._publish(consumer, version, [pact(pair, generation) for pair in pairs], branch)
        for pair in pairs[:: 1 + generation % 2]:
            fails = (0,) if pair.provider in {"Catalog", "Payments"} else ()
            self._verify(pair, version, number_of(pair.provider, TURNS), fails)

    def _service_contracts(self) -> None:
        document = yaml.safe_load(_DOCUMENT.read_text(encoding="utf-8"))
        tests = ["getOrder/open", "getOrder/unknown", "listOrders/paid", "placeOrder/two teas"]
        for turn in range(TURNS - 2, TURNS + 1):
            number, success = number_of("Orders", turn), turn < TURNS
            content = document | {"info": document["info"] | {"version": number}}
            publication = {"pacticipantName": "Orders", "pacticipantVersionNumber": number, "branch": "main"}
            publication |= {"specification": "openapi", "content": content}
            published = self._ask("POST", "/service-contracts/publish", publication)
            results = [{"interactionId": name, "success": True, "durationMs": 5.5} for name in tests]
            if not success:
                results[1] |= {"success": False, "mismatches": [_MISMATCHES[0]]}
            body = {"success": success, "providerApplicationVersion": number, "testResults": results}
            self._ask("POST", published["_links"]["tally:publish-verification-results"]["href"], body)

    def _gates(self) -> str:
        """Create gates for all and for a team; return the id of the first."""
        gates = [
            {"metric": "success_rate", "threshold": 95},
            {"metric": "p95", "threshold": 2000, "team": "selling"},
            {"metric": "result_age", "threshold": 30, "pacticipantName": "Checkout"},
        ]
        made = [self._ask("POST", "/gates", gate)["uuid"] for gate in gates]
        return str(made[0])

    def _webhooks(self) -> str:
        """Create webhooks that arrive, are refused and are broken; return the id of the refused one."""
        hooks = [
            ("Slack #contracts", {}, "provider_verification_failed", "/slack"),
            (
                "Commit status for Checkout",
                {"consumer": {"name": "Checkout"}},
                "provider_verification_published",
                "/denied/statuses",
            ),
            (
                "Old Jenkins of Returns",
                {"consumer": {"name": "Returns"}},
                "contract_published",
                "/broken/jenkins?token=abc",
            ),
        ]
        self._ask("PUT", "/secrets/ci-token", {"value": "abcdef", "description": "For the builds"})
        made = []
        for description, parties, event, path in hooks:
            headers = {"Content-Type": "application/json", "Authorization": "Bearer abcdef"}
            body = {"text": "${pactbroker.consumerName} and ${pactbroker.providerName}"}
            request = {"method": "POST", "url": self._receiver + path, "headers": headers, "body": body}
            hook = {"description": description, "events": [{"name": event}], "request": request, **parties}
            made.append(self._ask("POST", "/webhooks", hook)["uuid"])
        return made[1]

    def _wait(self, webhook: str) -> None:
        import time  # noqa: PLC0415 - only here

        deadline = time.monotonic() + 20
        while self._deliveries(webhook, "retrying", "not_run") and time.monotonic() < deadline:
            time.sleep(0.05)

    def _deliveries(self, webhook: str, *states: str) -> list[Any]:
        listed = self._ask("GET", f"/webhooks/{webhook}/triggered-webhooks")["_embedded"]["triggeredWebhooks"]
        return [item for item in listed if not states or item["status"] in states]

    def _ids(self, webhook: str) -> dict[str, str]:
        bff = number_of("web-bff", TURNS)
        latest = self._ask("GET", f"/pacts/provider/Checkout/consumer/web-bff/version/{bff}")
        result = self._ask("GET", latest["_links"]["pb:latest-verification-results"]["href"])
        earlier = self._ask("GET", latest["_links"]["pb:previous-distinct"]["href"])
        logs = self._deliveries(webhook)[0]["_links"]["pb:logs"]["href"]
        return {
            **self._environments,
            "webhook": webhook,
            "delivery": logs.rpartition("/logs")[0].rpartition("/")[2],
            "checkout": number_of("Checkout", TURNS),
            "bff": bff,
            "tax": number_of("Tax", TURNS),
            "interaction": latest["interactions"][0]["_id"],
            "sha": _sha(latest),
            "earlier": earlier["_links"]["pb:consumer-version"]["href"].rpartition("/")[2],
            "earlier_sha": earlier["_links"]["pb:pact-version"]["href"].rpartition("/")[2],
            "comparison": self._compared("comparisons"),
            "compatibility": self._compared("compatibilities"),
            "scenario": self._scenario(),
            "result": result["_links"]["self"]["href"].rpartition("/")[2],
        }


def _sha(pact_of_version: Mapping[str, Any]) -> str:
    href: str = pact_of_version["_links"]["pb:pact-version"]["href"]
    return href.rpartition("/")[2]


def number_of(name: str, turn: int) -> str:
    """Return how an application numbers its version: most by commit, some by number, two oddly."""
    if name.startswith("Storefront ") and name != "Storefront Web":
        return f"4.{turn}.0"
    if name == "Orders":
        return f"1.{turn}.0"
    if name == LONG:
        return f"2026.{turn}.0-rc.1+build.{_hash(name, turn)[:12]}.branch-release-train-{turn}"
    return f"release/2026 #{turn} <hotfix>" if name == B2B else _hash(name, turn)


def pact(pair: Pair, generation: int) -> dict[str, Any]:
    """Return the pact of a pair: it grows slowly, and one expectation changes with each generation."""
    head = {
        "consumer": {"name": pair.consumer},
        "provider": {"name": pair.provider},
        "metadata": {"pactSpecification": {"version": "3.0.0"}},
    }
    if pair.state == "messages":
        return head | {"messages": [_message(place, generation) for place in range(pair.interactions)]}
    many = pair.interactions if pair.state == "huge" else max(1, pair.interactions - 3 + generation)
    made = [_interaction(pair, place) for place in range(many)]
    changed = made[generation % many]["response"]
    if "body" in changed:
        changed["body"] |= {"generation": generation}
    return head | {"interactions": made}


def _interaction(pair: Pair, place: int) -> dict[str, Any]:
    noun, kind = NOUNS.get(pair.provider, "thing"), place % 5
    verb = ["a request for one {}", "a request for all {}s", "creating a {}", "deleting a {}", "no such {}"][
        kind
    ]
    description = verb.format(noun) + (f", variant {place // 5 + 1}" if place > 4 else "")
    path = f"/{quote(noun.replace(' ', '-'))}s"
    request: dict[str, Any] = {"method": ["GET", "GET", "POST", "DELETE", "GET"][kind], "path": path}
    if kind not in {1, 2}:
        request["path"] += f"/{100 + place}"
    if kind == 1:
        request["query"] = {"page": ["1"], "q": ["tea & coffee"]}
    response: dict[str, Any] = {"status": [200, 200, 201, 204, 404][kind]}
    body = {"id": 100 + place, "status": "open", "total_cents": 1350, "note": "leave at the door ☕"}
    if kind == 2:
        request |= {"headers": {"Content-Type": "application/json"}, "body": {"status": "open"}}
    if kind != 3:
        response |= {"headers": {"Content-Type": "application/json"}, "body": body}
        matchers = [{"match": "regex", "regex": "open|paid|shipped"}]
        response["matchingRules"] = {"body": {"$.status": {"combine": "AND", "matchers": matchers}}}
    states = [
        {"name": f"a {noun} exists" if kind != 4 else f"no {noun} exists", "params": {"id": 100 + place}}
    ]
    return {"description": description, "providerStates": states, "request": request, "response": response}


def _message(place: int, generation: int) -> dict[str, Any]:
    event = ["placed", "paid", "shipped", "cancelled", "returned", "archived"][place % 6]
    return {
        "description": f"an order was {event}",
        "metaData": {"contentType": "application/json", "topic": "orders.v1"},
        "contents": {"id": 7 + place, "type": event, "generation": generation, "lines": [{"sku": "tea"}]},
    }


def _result(item: Mapping[str, Any], place: int, version: str, fails: tuple[int, ...]) -> dict[str, Any]:
    duration = (4 + int(_hash(item["_id"], version)[:4], 16) % 900 / 10) * (30 if place % 7 == 3 else 1)
    result = {"interactionId": item["_id"], "interactionDescription": item["description"]}
    result |= {"success": place not in fails, "durationMs": round(duration, 3)}
    if place in fails:
        result["mismatches"] = [_MISMATCHES[(place + more) % 3] for more in range(1 + place % 2)]
    return result


def _generation(pair: Pair, turn: int) -> int:
    if pair.state in {"changed", "unverified"}:
        return turn // 2
    return (turn + 1) // 3 + (pair.state == "pending" and turn == TURNS)


def _is_over(pair: Pair, turn: int) -> bool:
    return pair.state == "old" and turn > 3


def _is_verified(pair: Pair, turn: int) -> bool:
    last = {"unverified": 0 if pair.provider in _NEVER_VERIFIED else 4, "changed": 4, "old": 3}
    return turn <= last.get(pair.state, TURNS)


def _fails(pair: Pair, turn: int) -> tuple[int, ...]:
    if pair.state == "failed" and turn >= BROKEN_SINCE:
        return (0, 2) if pair.interactions > 4 else (1,)
    if pair.state == "flaky" and turn % 2 == 0:
        return (1,)
    if turn == TURNS and pair.state == "huge":
        return (12, 77, 78, 190, 299)
    return (0,) if turn == TURNS and pair.state == "pending" else ()


def _build_url(name: str, version: str) -> str:
    return f"https://ci.example.org/{quote(name, safe='')}/runs/{int(_hash(version)[:5], 16)}"


def _main_branch(name: str) -> str:
    return "master" if name == LONG else "main"


def _quoted(name: str) -> str:
    return quote(name, safe="")


def _hash(*parts: object) -> str:
    return hashlib.sha1("/".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()
