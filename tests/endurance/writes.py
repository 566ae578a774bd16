"""What builds write, each with the facts that are in the database afterwards: all of them, or none."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from typing import Any

from support.contract_documents import an_openapi
from support.factories import a_pact, a_publication, a_verification_result, an_interaction

from tally.hashing import content_hash
from tally.service_contract.parsing import service_contract_hash

Fact = tuple[str, ...]
CONSUMERS = ("Shop", "Web")
PROVIDERS = ("Orders", "Stock", "Ledger")
ENVIRONMENTS = ("test", "production")
PUBLISHED, VERIFIED = "contract_published", "provider_verification_published"
ACKNOWLEDGED = frozenset({200, 201, 204})


@dataclass(frozen=True)
class Write:
    """A request, and the facts that it adds, or removes. No other write adds the same ones."""

    kind: str
    method: str
    path: str
    body: Any
    facts: frozenset[Fact]
    is_removal: bool = False


@dataclass(frozen=True)
class Done:
    """A write that was sent; the status is 0 when no answer came."""

    write: Write
    status: int

    @property
    def is_acknowledged(self) -> bool:
        return self.status in ACKNOWLEDGED


class Writes:
    """The writes of one client: what it was answered decides what it may ask next.

    *environments* are uuids by name. *whose* ends the names of the applications: "" for those of all.
    """

    def __init__(self, name: str, seed: int, environments: dict[str, str], *, whose: str = "") -> None:
        self._name = name
        self._consumers = tuple(f"{consumer}{whose}" for consumer in CONSUMERS)
        self._providers = tuple(f"{provider}{whose}" for provider in PROVIDERS)
        self._dice = random.Random(seed)  # noqa: S311 - not for security
        self._environments = environments
        self._numbers = count(1)
        self._to_deploy: list[tuple[str, str]] = []
        self._to_release: list[tuple[str, str]] = []
        self._to_remove: list[Write] = []
        self._shas: list[tuple[str, str, str]] = []
        self._provider_versions: list[tuple[str, str]] = []

    def next(self) -> Write:
        """Return a write of any kind that is possible by now."""
        kinds = [self._publish, self._publish, self._pact, self._tag, self._branch, self._webhook]
        kinds += [self._service_contract, self._environment]
        kinds += [self._result] * 3 if self._shas else []
        kinds += [self._deployment] if self._to_deploy else []
        kinds += [self._release] if self._to_release else []
        kinds += [self._removal] if self._to_remove else []
        return self._dice.choice(kinds)()

    def note(self, done: Done) -> None:
        """Build on what was acknowledged."""
        if not done.is_acknowledged:
            return
        for fact in done.write.facts:
            if fact[0] == "pact":
                self._to_deploy.append(fact[1:3])
                self._to_release.append(fact[1:3])
                self._shas.append((fact[1], fact[3], fact[4]))
            elif fact[0] == "branch" and done.write.kind == "branch":
                self._provider_versions.append(fact[1:3])
        if done.write.kind == "tag":
            self._to_remove.append(done.write)

    def _number(self) -> str:
        return f"{self._name}.{next(self._numbers)}"

    def _publish(self) -> Write:
        consumer, number = self._dice.choice(self._consumers), self._number()
        providers = self._dice.sample(self._providers, 2)
        pacts = [self._a_pact(consumer, provider) for provider in providers]
        facts: set[Fact] = {
            ("version", consumer, number),
            ("branch", consumer, number, "main"),
            *(("tag", consumer, number, tag) for tag in ("dev", "candidate")),
        }
        for pact, provider in zip(pacts, providers, strict=True):
            facts |= _facts_of_pact(pact, consumer, number, provider)
        body = a_publication(*pacts, version=number, tags=["dev", "candidate"])
        return Write("publication", "POST", "/contracts/publish", body, frozenset(facts))

    def _pact(self) -> Write:
        consumer, provider = self._dice.choice(self._consumers), self._dice.choice(self._providers)
        number, pact = self._number(), self._a_pact(consumer, provider)
        facts = {("version", consumer, number), *_facts_of_pact(pact, consumer, number, provider)}
        path = f"/pacts/provider/{provider}/consumer/{consumer}/version/{number}"
        return Write("pact", "PUT", path, pact, frozenset(facts))

    def _a_pact(self, consumer: str, provider: str) -> Any:
        interactions = [an_interaction(f"request {self._dice.randrange(40)}") for _ in range(2)]
        return a_pact(*interactions[: self._dice.randint(1, 2)], consumer=consumer, provider=provider)

    def _result(self) -> Write:
        consumer, provider, sha = self._dice.choice(self._shas)
        of_provider = [number for name, number in self._provider_versions if name == provider]
        facts: set[Fact] = set()
        if of_provider and self._dice.random() < 0.5:
            number = self._dice.choice(of_provider)
            self._provider_versions.remove((provider, number))
        else:
            number = self._number()
            facts.add(("version", provider, number))
        success = self._dice.random() < 0.8
        facts |= {("result", provider, number, sha, str(success)), ("delivery", VERIFIED, provider, number)}
        path = f"/pacts/provider/{provider}/consumer/{consumer}/pact-version/{sha}/verification-results"
        return Write("result", "POST", path, a_verification_result(number, success=success), frozenset(facts))

    def _tag(self) -> Write:
        name, number = self._dice.choice(self._consumers + self._providers), self._number()
        # The first tag of a new version is a branch as well.
        facts = {("version", name, number), ("tag", name, number, "fix"), ("branch", name, number, "fix")}
        path = f"/pacticipants/{name}/versions/{number}/tags/fix"
        return Write("tag", "PUT", path, {}, frozenset(facts))

    def _removal(self) -> Write:
        tagged = self._to_remove.pop()
        path = tagged.path.removesuffix("/tags/fix")
        return Write("removal", "DELETE", path, None, tagged.facts, is_removal=True)

    def _branch(self) -> Write:
        name, number = self._dice.choice(self._providers), self._number()
        facts = {("version", name, number), ("branch", name, number, "main")}
        path = f"/pacticipants/{name}/branches/main/versions/{number}"
        return Write("branch", "PUT", path, {}, frozenset(facts))

    def _deployment(self) -> Write:
        name, number = self._to_deploy.pop(0)
        environment = self._dice.choice(ENVIRONMENTS)
        # Half of them replace what was deployed to the same place before.
        instance = self._dice.choice(["", self._number()])
        body = {"applicationInstance": instance} if instance else {}
        fact = ("deployment", name, number, environment, instance)
        path = f"/pacticipants/{name}/versions/{number}/deployed-versions/environment/"
        path += self._environments[environment]
        self._to_deploy = [each for each in self._to_deploy if each != (name, number)]
        return Write("deployment", "POST", path, body, frozenset({fact}))

    def _release(self) -> Write:
        name, number = self._to_release.pop(0)
        environment = self._dice.choice(ENVIRONMENTS)
        self._to_release = [each for each in self._to_release if each != (name, number)]
        path = f"/pacticipants/{name}/versions/{number}/released-versions/environment/"
        path += self._environments[environment]
        return Write("release", "POST", path, {}, frozenset({("release", name, number, environment)}))

    def _webhook(self) -> Write:
        description = f"webhook {self._number()}"
        events = ("contract_content_changed", "provider_verification_failed")
        body = {
            "description": description,
            "enabled": False,
            "events": [{"name": event} for event in events],
            "request": {"method": "POST", "url": "http://127.0.0.1:9/"},
        }
        facts = {("webhook", description), *(("event", description, event) for event in events)}
        return Write("webhook", "POST", "/webhooks", body, frozenset(facts))

    def _service_contract(self) -> Write:
        name, number = self._dice.choice(self._providers), self._number()
        document = an_openapi(info={"title": name, "version": str(self._dice.randrange(5))})
        body = {"pacticipantName": name, "pacticipantVersionNumber": number, "content": document}
        facts = {
            ("version", name, number),
            ("service contract", name, number, service_contract_hash(document)),
        }
        return Write("service contract", "POST", "/service-contracts/publish", body, frozenset(facts))

    def _environment(self) -> Write:
        name = self._number().replace(".", "-")
        body = {"name": name, "production": False}
        return Write("environment", "POST", "/environments", body, frozenset({("environment", name)}))


def _facts_of_pact(pact: Any, consumer: str, number: str, provider: str) -> Iterable[Fact]:
    return {
        ("pact", consumer, number, provider, content_hash(pact)),
        ("delivery", PUBLISHED, consumer, number, provider),
    }
