"""A Pact Broker that answers, in the shapes of the reference, from a description of what it has."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from support.hal_server import HalServer

from tally.hashing import content_hash

Json = dict[str, Any]
DATE = "2024-03-{:02}T10:00:00+00:00"
PAGE = "?page=1&size=100"


@dataclass(frozen=True)
class Published:
    """The pact of a consumer version; *date* is a day of March."""

    consumer: str
    version: str
    provider: str
    content: Any
    day: int = 1

    @property
    def path(self) -> str:
        """Where it is."""
        return f"{self.pair}/version/{quote(self.version, safe='')}"

    @property
    def pair(self) -> str:
        """Where everything between the two is."""
        consumer, provider = quote(self.consumer, safe=""), quote(self.provider, safe="")
        return f"/pacts/provider/{provider}/consumer/{consumer}"


@dataclass
class PactBroker:
    """What it has; everything is empty until it is filled.

    *versions* are by the name of the pacticipant, oldest first, as they are shown. *results* are for the pact
    that they are listed with. *places* are (environment, pacticipant, version, kind, record), with "deployed"
    or "released" as the kind.
    """

    pacticipants: list[Json] = field(default_factory=list)
    versions: dict[str, list[Json]] = field(default_factory=dict)
    pacts: list[Published] = field(default_factory=list)
    results: list[tuple[Published, Json]] = field(default_factory=list)
    environments: list[Json] = field(default_factory=list)
    places: list[tuple[str, str, str, str, Json]] = field(default_factory=list)
    webhooks: list[Json] = field(default_factory=list)
    deployable: bool | None = True
    """What it says to every question."""

    def pacticipant(self, name: str, **more: Any) -> None:
        """Add a pacticipant."""
        self.pacticipants.append({"name": name, "createdAt": DATE.format(1), **more})
        self.versions[name] = []

    def version(
        self, name: str, number: str, *, branch: str = "", tags: tuple[str, ...] = (), **more: Any
    ) -> None:
        """Add a version, which becomes the head of its branch."""
        shown = [{"name": branch, "latest": True}] if branch else []
        for earlier in self.versions[name]:
            for item in earlier["_embedded"]["branches"]:
                item["latest"] = item["latest"] and item["name"] != branch
        embedded = {"branches": shown, "tags": [{"name": tag} for tag in tags]}
        self.versions[name].append(
            {"number": number, "createdAt": DATE.format(2), "_embedded": embedded, **more}
        )

    def publish(self, consumer: str, version: str, provider: str, content: Any) -> Published:
        """Add a pact."""
        pact = Published(consumer, version, provider, content)
        self.pacts.append(pact)
        return pact

    def environment(self, name: str, **more: Any) -> None:
        """Add an environment."""
        uuid = f"00000000-0000-0000-0000-{len(self.environments):012}"
        known = {"uuid": uuid, "name": name, "displayName": name.title(), "production": False}
        self.environments.append({**known, "createdAt": DATE.format(1), **more})

    def record(self, kind: str, environment: str, pacticipant: str, version: str, **record: Any) -> None:
        """Add a deployment or a release, which lasts unless *record* says when it ended."""
        uuid = f"10000000-0000-0000-0000-{len(self.places):012}"
        ended = "undeployedAt" in record or "supportEndedAt" in record
        state = {"deployed": "currentlyDeployed", "released": "currentlySupported"}[kind]
        known = {"uuid": uuid, state: not ended, "createdAt": DATE.format(5)}
        self.places.append((environment, pacticipant, version, kind, {**known, **record}))

    def webhook(self, uuid: str, **more: Any) -> None:
        """Add a webhook that sends a request to a public address."""
        request = {"method": "POST", "url": "https://ci.example.org/build", **more.pop("request", {})}
        events = [{"name": "contract_published"}]
        self.webhooks.append(
            {
                "uuid": uuid,
                "description": uuid,
                "enabled": True,
                "events": events,
                "request": request,
                "createdAt": DATE.format(7),
                **more,
            }
        )

    def answer_from(self, server: HalServer) -> None:
        """Let the server answer as this broker."""
        self._pacticipants(server)
        self._pacts(server)
        self._environments(server)
        links = [{"href": server.url(f"/webhooks/{hook['uuid']}")} for hook in self.webhooks]
        server.answers("GET", "/webhooks", {"_links": {"pb:webhooks": links}})
        for hook in self.webhooks:
            server.answers("GET", f"/webhooks/{hook['uuid']}", hook)
        server.answers("GET", "/metrics", {"interactions": {}})
        server.answers("GET", "/matrix", {"summary": {"deployable": self.deployable}, "matrix": []})

    def _pacticipants(self, server: HalServer) -> None:
        server.answers("GET", "/pacticipants", _list("pacticipants", self.pacticipants))
        for name, versions in self.versions.items():
            place = f"/pacticipants/{quote(name, safe='')}"
            newest_first = versions[::-1]
            server.answers("GET", f"{place}/versions", _list("versions", newest_first))
            if versions:
                server.answers("GET", f"{place}/latest-version", newest_first[0])
            names = {item["name"] for version in versions for item in version["_embedded"]["branches"]}
            branches = [{"name": branch, "createdAt": DATE.format(2)} for branch in sorted(names)]
            server.answers("GET", f"{place}/branches", _list("branches", branches))

    def _pacts(self, server: HalServer) -> None:
        pairs = dict.fromkeys((pact.consumer, pact.provider) for pact in self.pacts)
        listed = [
            {"consumer": {"name": consumer}, "provider": {"name": provider}} for consumer, provider in pairs
        ]
        server.answers("GET", "/integrations", _list("integrations", listed))
        for pair in pairs:
            pacts = [pact for pact in self.pacts if (pact.consumer, pact.provider) == pair]
            shown = [
                {"createdAt": DATE.format(3), "_embedded": {"consumerVersion": {"number": pact.version}}}
                for pact in reversed(pacts)
            ]
            server.answers("GET", f"{pacts[0].pair}/versions", _list("pacts", shown))
        for pact in self.pacts:
            server.answers("GET", pact.path, _shown(pact))
            self._results(server, pact)

    def _results(self, server: HalServer, pact: Published) -> None:
        sha, rows = content_hash(pact.content), []
        for number, (of_pact, result) in enumerate(self.results, start=1):
            if of_pact != pact:
                continue
            place = f"{pact.pair}/pact-version/{sha}/verification-results/{number}"
            server.answers("GET", place, {"success": True, "providerApplicationVersion": "p1", **result})
            version = {"number": str(result.get("providerApplicationVersion", "p1"))}
            rows.append(
                {
                    "consumer": {"name": pact.consumer},
                    "provider": {"name": pact.provider, "version": version},
                    "verificationResult": {
                        "success": True,
                        "verifiedAt": DATE.format(4),
                        "_links": {
                            "self": {"href": server.url(place.replace("/verif", "/metadata/x/verif"))}
                        },
                    },
                }
            )
        selectors = (("q[][pacticipant]", pact.consumer), ("q[][version]", pact.version))
        query = "&".join(
            f"{quote(name)}={quote(value, safe='')}"
            for name, value in (*selectors, ("q[][pacticipant]", pact.provider), ("limit", "1000"))
        )
        server.answers("GET", f"/matrix?{query}", {"matrix": rows, "summary": {}})

    def _environments(self, server: HalServer) -> None:
        server.answers("GET", "/environments", _list("environments", self.environments))
        kinds = {
            "deployed": ("deployed-versions", "currently-deployed", "deployedVersions", "undeployedAt"),
            "released": ("released-versions", "currently-supported", "releasedVersions", "supportEndedAt"),
        }
        for environment in self.environments:
            uuid = environment["uuid"]
            here = [place[1:] for place in self.places if place[0] == environment["name"]]
            for name in self.versions:
                numbers = dict.fromkeys(number for owner, number, _, _ in here if owner == name)
                items = [{"number": number} for number in reversed(numbers)]
                place = f"/pacticipants/{quote(name, safe='')}"
                server.answers("GET", f"{place}/environments/{uuid}/versions", _list("versions", items))
            for kind, (collection, current, relation, end) in kinds.items():
                of_kind = [(name, number, record) for name, number, other, record in here if other == kind]
                lasting = [
                    {**record, "_embedded": {"pacticipant": {"name": name}, "version": {"number": number}}}
                    for name, number, record in of_kind
                    if end not in record
                ]
                server.answers(
                    "GET", f"/environments/{uuid}/{collection}/{current}", _list(relation, lasting[::-1])
                )
                for name, number in dict.fromkeys((name, number) for name, number, _ in of_kind):
                    records = [record for *of, record in of_kind if of == [name, number]]
                    version = f"/pacticipants/{quote(name, safe='')}/versions/{quote(number, safe='')}"
                    server.answers(
                        "GET", f"{version}/{collection}/environment/{uuid}", _list(relation, records[::-1])
                    )


def _list(relation: str, items: list[Any]) -> Json:
    return {"_embedded": {relation: items}}


def _shown(pact: Published) -> Any:
    if not isinstance(pact.content, dict):
        return pact.content
    links = {"self": {"href": pact.path}, "pb:pact-version": {"name": content_hash(pact.content)}}
    return {**pact.content, "createdAt": DATE.format(3), "_links": links}
