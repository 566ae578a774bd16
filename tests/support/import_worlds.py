"""A broker with everything that can be copied, built through its API."""

from typing import Any
from urllib.parse import quote

import requests
from support.factories import a_message_pact, a_pact, a_verification_result, an_interaction

SHOP = "Shop/Web 100% é✓"
ORDERS = "Orders (old)"
MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}


class World:
    """Sends requests to a broker, each of which must succeed."""

    def __init__(self, url: str, headers: dict[str, str] | None = None) -> None:
        self.url = url
        self._http = requests.Session()
        self._http.headers.update({"Accept": "application/hal+json", **(headers or {})})

    def __call__(self, method: str, *parts: str, json: Any = None, **options: Any) -> Any:
        """Ask for the path with these parts, each percent-encoded, and return the JSON of the answer."""
        path = "/".join(quote(part, safe="") for part in parts)
        answer = self._http.request(
            method, f"{self.url}/{path}", json=json if json is not None else {}, **options
        )
        assert answer.ok, f"{method} /{path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def at(self, date: str) -> "World":
        """Return the same broker, where what is sent happened at *date*."""
        return World(self.url, {"Tally-Import-Date": date})

    def deploy(self, date: str, pacticipant: str, version: str, environment: str, **body: str) -> str:
        """Record a deployment, and return its uuid."""
        place = ("pacticipants", pacticipant, "versions", version, "deployed-versions", "environment")
        return self.at(date)("POST", *place, self.environment(environment), json=body)["uuid"]

    def environment(self, name: str) -> str:
        """Return the uuid of an environment."""
        return next(
            item["uuid"]
            for item in self("GET", "environments")["_embedded"]["environments"]
            if item["name"] == name
        )

    def verify(self, date: str, pair: tuple[str, str], version: str, **result: Any) -> None:
        """Publish a result for the pact of a consumer version, (consumer, number)."""
        provider = result.pop("provider", ORDERS)
        consumer, number = pair
        pact = self("GET", "pacts", "provider", provider, "consumer", consumer, "version", number)
        address = pact["_links"]["pb:publish-verification-results"]["href"]
        answer = requests.post(
            address,
            json=a_verification_result(version, **result),
            headers={"Tally-Import-Date": date},
            timeout=30,
        )
        assert answer.status_code == 201, answer.text


def build(url: str) -> World:
    """Fill the broker at *url*."""
    world = World(url)
    march = world.at("2024-03-01T10:00:00+00:00")
    march("POST", "pacticipants", json={"name": SHOP, "displayName": "The shop", "mainBranch": "main"})
    march("POST", "pacticipants", json={"name": ORDERS, "repositoryUrl": "https://git.example.org/orders"})
    march("PUT", "pacticipants", SHOP, "labels", "team/a b")
    _versions(world)
    _contracts(world)
    _places(world)
    _webhooks(world)
    return world


def _versions(world: World) -> None:
    # The order of the numbers is not the order of the versions.
    for day, number in enumerate(("2.0/x", "1.0 ü", "3%20"), start=1):
        then = world.at(f"2024-03-0{day}T11:00:00+00:00")
        then(
            "PUT",
            "pacticipants",
            SHOP,
            "versions",
            number,
            json={"buildUrl": f"https://ci.example.org/{day}"},
        )
        then("PUT", "pacticipants", SHOP, "branches", "main", "versions", number)
        then("PUT", "pacticipants", ORDERS, "versions", str(day), json={"tags": [{"name": "prod"}]})
        then("PUT", "pacticipants", ORDERS, "branches", "feat/x y", "versions", str(day))
    # A branch whose head is not its newest version.
    for number in ("3%20", "1.0 ü"):
        world.at("2024-03-04T11:00:00+00:00")(
            "PUT", "pacticipants", SHOP, "branches", "release/1", "versions", number
        )
    march = world.at("2024-03-04T11:00:00+00:00")
    march("PUT", "pacticipants", SHOP, "versions", "2.0/x", "tags", "v 2/ü%")


def _contracts(world: World) -> None:
    numbers = ("2.0/x", "1.0 ü", "3%20")
    big = an_interaction(
        "big", response={"status": 200, "body": {"id": 123456789012345678901234567890, "rate": 1.0}}
    )
    for day, number in enumerate(numbers, start=1):
        then = world.at(f"2024-03-0{day}T12:00:00+00:00")
        interactions = [an_interaction(), {"_id": "my-own-id", **big}] if day > 1 else [an_interaction()]
        pact = a_pact(*interactions, consumer=SHOP, provider=ORDERS, note={"createdBy": "a test"})
        then("PUT", "pacts", "provider", ORDERS, "consumer", SHOP, "version", number, json=pact)
    itself = a_message_pact(consumer=ORDERS, provider=ORDERS)
    world.at("2024-03-03T13:00:00+00:00")(
        "PUT", "pacts", "provider", ORDERS, "consumer", ORDERS, "version", "3", json=itself
    )
    tests = [{"interactionId": "my-own-id", "success": False, "mismatches": [{"description": "no"}]}]
    world.verify("2024-03-02T14:00:00+00:00", (SHOP, "2.0/x"), "1", buildUrl="https://ci.example.org/9")
    world.verify("2024-03-03T14:00:00+00:00", (SHOP, "1.0 ü"), "2", success=False, testResults=tests)
    world.verify("2024-03-03T15:00:00+00:00", (SHOP, "3%20"), "2")
    world.verify("2024-03-03T16:00:00+00:00", (SHOP, "3%20"), "3")
    world.verify("2024-03-03T16:00:00+00:00", (ORDERS, "3"), "3", provider=ORDERS)


def _places(world: World) -> None:
    uat = {"name": "uat", "displayName": "Acceptance", "production": False, "contacts": [{"name": "QA"}]}
    world.at("2024-03-01T09:00:00+00:00")("POST", "environments", json=uat)
    world.deploy("2024-03-05T10:00:00+00:00", ORDERS, "1", "production")
    world.deploy("2024-03-06T10:00:00+00:00", ORDERS, "3", "production")
    world.deploy("2024-03-06T11:00:00+00:00", ORDERS, "2", "production", applicationInstance="blue/1")
    world.deploy("2024-03-07T10:00:00+00:00", SHOP, "3%20", "uat")
    gone = world.deploy("2024-03-08T10:00:00+00:00", SHOP, "2.0/x", "production")
    change = {"currentlyDeployed": False}
    world.at("2024-03-09T10:00:00+00:00")(
        "PATCH", "deployed-versions", gone, json=change, headers=MERGE_PATCH
    )
    for number in ("1", "2"):
        place = ("pacticipants", ORDERS, "versions", number, "released-versions", "environment")
        released = world.at(f"2024-03-0{number}T18:00:00+00:00")("POST", *place, world.environment("uat"))
    world.at("2024-03-09T10:00:00+00:00")(
        "PATCH",
        "released-versions",
        released["uuid"],
        json={"currentlySupported": False},
        headers=MERGE_PATCH,
    )


def _webhooks(world: World) -> None:
    events = [{"name": "contract_published"}]
    request = {
        "method": "POST",
        "url": "https://ci.example.org/build",
        "body": {"a": "${pactbroker.consumerName}"},
    }
    open_ = {"description": "Open", "events": events, "consumer": {"name": SHOP}, "request": request}
    secret = {**request, "username": "ci", "password": "s3cret", "headers": {"X-Token": "s3cret"}}
    world("PUT", "webhooks", "open-webhook-000001", json=open_)
    world(
        "PUT", "webhooks", "secret-webhook-0001", json={**open_, "description": "Secret", "request": secret}
    )
