"""A small broker in which every name of every kind is difficult, built through its API.

Whoever builds it says how requests are sent: in process, or to a server.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from support.contract_documents import an_openapi
from support.difficult_names import Names, segment
from support.factories import a_pact, a_publication, a_verification_result, an_interaction

from broker.domain.verifications.url_metadata import Metadata, encode
from tally.hashing import interaction_id


class Answer(Protocol):
    """What a request came to, as far as a world needs it."""

    status_code: int
    text: str

    @property
    def json(self) -> Any:
        """The body."""


Ask = Callable[..., Answer]
"""`ask(method, path, json=None, content_type="application/json")` -> Answer"""


@dataclass(frozen=True)
class World:
    """What was built: the names, and the identifiers that the broker gave."""

    names: Names
    environment: str
    webhook: str
    deployment: str
    release: str
    triggered: str
    sha: str
    other_sha: str
    service_contract: str
    compatibility: str
    gate: str

    def variables(self, relation: str = "") -> dict[str, str]:
        """Return what fills in the variables of paths, except which application; *relation* says what kind
        of thing a uuid stands for: a route or a relation."""
        names = self.names
        return {
            **vars(names),
            "environment": names.environment,
            "uuid": self._uuid(relation),
            "consumer_version": names.version,
            "consumerApplicationVersion": names.version,
            "other_version": FIRST,
            "provider_tag": names.tag,
            "to_tag": names.tag,
            "environmentTag": names.tag,
            "pactVersion": self.other_sha,
            "sha": self.sha,
            "interaction": interaction_id(the_pact(names)["interactions"][0]),
            "metadata": encode(Metadata(consumer_versions=(names.version,))),
            "number": "1",
            "secret": SECRET,
            "subject": "webhooks",
            "schema": "NewWebhook",
        }

    def _uuid(self, relation: str) -> str:
        if "triggered-webhook" in relation:
            return self.triggered
        if "webhook" in relation:
            return self.webhook
        if "gate" in relation:
            return self.gate
        kinds = {"deployed-version": self.deployment, "released-version": self.release}
        return kinds.get(relation, self.environment)


SECRET = "CI_TOKEN"
FIRST = "0"
"""The version that came before, without a branch or a tag, and with another pact."""


def path(*parts: str) -> str:
    """Return the path with these parts, each percent-encoded."""
    return "".join(f"/{segment(part)}" for part in parts)


def the_pact(names: Names) -> Any:
    """Return the pact of the version."""
    return a_pact(
        an_interaction(names.shown, providerStates=[{"name": names.tag}]),
        consumer=names.consumer,
        provider=names.provider,
    )


class Builder:
    """Sends what fills a broker; each request must succeed."""

    def __init__(self, ask: Ask, names: Names) -> None:
        self._ask = ask
        self._names = names

    def send(self, method: str, *parts: str, json: Any = None, **options: Any) -> Any:
        """Send a request to the path with these parts, and return the JSON of the answer."""
        return self.send_to(method, path(*parts), json=json, **options)

    def send_to(self, method: str, address: str, json: Any = None, **options: Any) -> Any:
        """Send a request to an address, and return the JSON of the answer."""
        answer = self._ask(method, address, json=json if json is not None else {}, **options)
        assert answer.status_code in {200, 201}, f"{method} {address}: {answer.status_code} {answer.text}"
        return answer.json

    def build(self) -> World:
        """Fill the broker."""
        names = self._names
        environment = self._applications()
        webhook = self._webhooks()
        other_sha, sha = self._pacts()
        self._verification(sha)
        service_contract, compatibility = self._service_contracts()
        self._scenario()
        deployment, release = self._places(environment)
        triggered = self.send("GET", "webhooks", webhook, "triggered-webhooks")
        return World(
            names,
            environment,
            webhook,
            deployment,
            release,
            triggered["_embedded"]["triggeredWebhooks"][0]["uuid"],
            sha,
            other_sha,
            service_contract,
            compatibility,
            self._gate(),
        )

    def _applications(self) -> str:
        names = self._names
        for name in (names.consumer, names.provider):
            body: dict[str, Any] = {"name": name, "displayName": names.shown, "repositoryName": names.shown}
            if " " not in names.branch:
                body["mainBranch"] = names.branch
            self.send("POST", "pacticipants", json=body)
            self.send("PUT", "pacticipants", name, "labels", names.label)
        body = {
            "name": names.environment,
            "displayName": names.shown,
            "production": True,
            "contacts": [{"name": names.instance}],
        }
        self.send("PUT", "secrets", SECRET, json={"value": names.shown, "description": names.shown})
        return str(self.send("POST", "environments", json=body)["uuid"])

    def _webhooks(self) -> str:
        names = self._names
        body = {
            "description": names.shown,
            "events": [{"name": "contract_published"}, {"name": "provider_verification_published"}],
            "consumer": {"name": names.consumer},
            "provider": {"name": names.provider},
            "request": {"method": "POST", "url": "https://ci.example.org/", "body": {"a": names.shown}},
        }
        labelled = {**body, "consumer": {"label": names.label}, "provider": {"label": names.label}}
        self.send("PUT", "webhooks", "a-webhook-for-labels", json=labelled)
        return str(self.send("POST", "webhooks", json=body)["uuid"])

    def _pacts(self) -> tuple[str, str]:
        names = self._names
        first = a_pact(consumer=names.consumer, provider=names.provider)
        options: dict[str, Any] = {
            "branch": names.branch,
            "tags": [names.tag],
            "buildUrl": names.build_url,
        }
        for body in (
            a_publication(first, version=FIRST, branch=None),
            a_publication(the_pact(names), version=names.version, **options),
        ):
            self.send("POST", "contracts", "publish", json=body)
        provider = ("pacticipants", names.provider)
        for version in (FIRST, names.version):
            self.send("PUT", *provider, "branches", names.branch, "versions", version)
        self.send("PUT", *provider, "versions", names.version, "tags", names.tag)
        return self._sha(FIRST), self._sha(names.version)

    def _sha(self, version: str) -> str:
        names = self._names
        place = ("pacts", "provider", names.provider, "consumer", names.consumer, "version", version)
        return str(self.send("GET", *place)["_links"]["pb:pact-version"]["name"])

    def _verification(self, sha: str) -> None:
        names = self._names
        pact = ("pacts", "provider", names.provider, "consumer", names.consumer, "pact-version", sha)
        tests = [{"interactionDescription": names.shown, "success": True}]
        result = a_verification_result(names.version, testResults=tests)
        self.send("POST", *pact, "verification-results", json=result)

    def _service_contracts(self) -> tuple[str, str]:
        """Return the hash of the newest, and the address of how it compares with the one before."""
        names = self._names
        for version, document in ((FIRST, an_openapi({})), (names.version, an_openapi())):
            body = {
                "pacticipantName": names.provider,
                "pacticipantVersionNumber": version,
                "branch": names.branch,
                "content": document,
            }
            published = self.send("POST", "service-contracts", "publish", json=body)
            sha = str(published["sha"])
            place = ("pacticipants", names.provider, "service-contracts", sha, "verification-results")
            self.send("POST", *place, json=a_verification_result(version))
        return sha, str(published["compatibility"][0]["_links"]["self"]["href"])

    def _scenario(self) -> None:
        names = self._names
        took_part = [
            {"pacticipantName": name, "pacticipantVersionNumber": names.version}
            for name in (names.consumer, names.provider)
        ]
        body = {"title": names.shown, "success": True, "durationMs": 5, "participants": took_part}
        self.send("POST", "scenario-results", json=body)

    def _gate(self) -> str:
        gate = {"metric": "success_rate", "threshold": 95, "pacticipantName": self._names.provider}
        return str(self.send("POST", "gates", json=gate)["uuid"])

    def _places(self, environment: str) -> tuple[str, str]:
        names = self._names
        for name in (names.provider, names.consumer):
            version = ("pacticipants", name, "versions", names.version)
            body = {"applicationInstance": names.instance}
            deployed = self.send("POST", *version, "deployed-versions", "environment", environment, json=body)
            released = self.send("POST", *version, "released-versions", "environment", environment)
        return deployed["uuid"], released["uuid"]


def build(ask: Ask, names: Names) -> World:
    """Fill an empty broker with these names."""
    return Builder(ask, names).build()
