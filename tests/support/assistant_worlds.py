"""A broker with a provider and its consumers, for what assistants ask about usage."""

from typing import Any

import requests
from support.contract_documents import an_openapi
from support.factories import a_pact, a_publication, an_interaction

Json = dict[str, Any]
ORDERS = an_openapi(
    {
        "/orders/{id}": {
            "get": {
                "operationId": "getOrder",
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "responses": {
                    "200": {
                        "description": "",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["id", "total"],
                                    "properties": {
                                        "id": {"type": "integer"},
                                        "total": {"type": "number"},
                                        "note": {"type": "string"},
                                    },
                                }
                            }
                        },
                    },
                    "404": {"description": "no such order"},
                },
            },
            "delete": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "responses": {"204": {"description": "gone"}},
            },
        }
    }
)


def an_order_request(description: str = "a request for an order", **body: Any) -> Json:
    """Return an interaction that reads an order with this *body*."""
    return an_interaction(
        description,
        providerStates=[{"name": "an order exists", "params": {"id": 7}}],
        request={"method": "GET", "path": "/orders/7"},
        response={"status": 200, "headers": {"Content-Type": "application/json"}, "body": body or {"id": 7}},
    )


class World:
    """Publishes to the broker at *url*."""

    def __init__(self, url: str) -> None:
        self.url = url

    def pact(self, *interactions: Json, version: str = "1", consumer: str = "Shop", **changes: Any) -> None:
        provider = changes.pop("provider", "Orders")
        pact = a_pact(*interactions, consumer=consumer, provider=provider)
        self._post("/contracts/publish", a_publication(pact, version=version, **changes))

    def contract(self, content: Json, version: str, *, service: str = "Orders", branch: str = "main") -> None:
        named = {"pacticipantName": service, "pacticipantVersionNumber": version, "branch": branch}
        self._post("/service-contracts/publish", {**named, "content": content})

    def documents(self, contents: dict[str, Json], version: str, *, service: str) -> None:
        documents = [
            {"name": name, "specification": "openapi", "contentType": "application/json", "content": content}
            for name, content in contents.items()
        ]
        named = {"pacticipantName": service, "pacticipantVersionNumber": version}
        self._post("/service-contracts/publish", {**named, "documents": documents})

    def application(self, name: str, **properties: Any) -> None:
        url, merge = f"{self.url}/pacticipants/{name}", "application/merge-patch+json"
        answer = requests.patch(url, json=properties, headers={"Content-Type": merge}, timeout=30)
        assert answer.ok, answer.text

    def environment(self, name: str) -> None:
        self._post("/environments", {"name": name, "production": False})

    def deploy(self, application: str, version: str, environment: str) -> None:
        found = requests.get(f"{self.url}/pacticipants/{application}/versions/{version}", timeout=30).json()
        [link] = [each for each in found["_links"]["pb:record-deployment"] if each["name"] == environment]
        requests.post(link["href"], json={}, timeout=30).raise_for_status()

    def _post(self, path: str, body: Json) -> None:
        answer = requests.post(self.url + path, json=body, timeout=30)
        assert answer.ok, answer.text
