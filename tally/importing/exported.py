"""A folder that `tally export` has written, read as if it were the broker."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from tally.errors import BrokerRefusedError, ResourceNotFoundError
from tally.hal import Resource
from tally.importing import shapes
from tally.importing.brokers import BrokerReader, Document, Params
from tally.importing.exported_folder import HASH, RESULT, ExportFolder, safe
from tally.importing.folder_names import folder_name
from tally.importing.paths import path as path_of

_METRICS = {
    "pacticipants": ("pacticipants", "count"),
    "versions": ("pacticipantVersions", "count"),
    "tags": ("tags", "count"),
    "contents of pacts": ("pactVersions", "count"),
    "pacts": ("pactPublications", "count"),
    "results": ("verificationResults", "count"),
    "successful results": ("verificationResults", "successCount"),
    "deployments": ("deployedVersions", "count"),
    "currently deployed": ("deployedVersions", "currentlyDeployedCount"),
    "releases": ("releasedVersions", "count"),
    "currently supported": ("releasedVersions", "currentlySupportedCount"),
    "webhooks": ("webhooks", "count"),
}


class ExportedBroker(BrokerReader):
    """The broker in a folder, as an import asks for it: an environment is called by its name there.

    Raises UsageError when the folder has no finished export, UnexpectedAnswerError for a file that is not as
    `tally export` writes it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = ExportFolder(folder)
        self._answers: Mapping[str, Callable[..., Document | None]] = {
            "pacticipants": self._pacticipants,
            "pacticipant": self._pacticipant,
            "branches": lambda pacticipant: _listed("branches", self._folder.of(pacticipant, "branches")),
            "versions": self._versions,
            "latest-version": self._latest,
            "branch-latest-version": self._head_of,
            "environments": self._environments,
            "environment-versions": self._versions_in,
            "deployments": lambda **place: self._records("deployments", **place),
            "releases": lambda **place: self._records("releases", **place),
            "currently-deployed": lambda environment: self._current("deployments", environment),
            "currently-supported": lambda environment: self._current("releases", environment),
            "integrations": self._integrations,
            "pacts": self._publications,
            "service-contracts": self._documents,
            "service-contract": self._service_contract,
            "latest-service-contract-result": self._result_of_document,
            "service-contract-policy": lambda pacticipant: self._folder.find(
                f"pacticipants/{folder_name(pacticipant)}/service-contract-policy.json"
            ),
            "scenario-results": self._scenarios_of,
            "scenario-result": self._scenario,
            "gates": lambda: _listed("gates", self._folder.items("gates.json")),
            "teams": lambda: _listed("teams", self._folder.items("teams.json")),
            "team": self._team,
            "accounts": lambda: _listed("accounts", self._folder.items("accounts.json")),
            "webhooks": self._webhooks,
            "webhook": self._webhook,
            "metrics": self._metrics,
        }

    @cached_property
    def is_tallystick(self) -> bool:
        """Whether it may have more than a Pact Broker."""
        return True

    @property
    def has_accounts(self) -> bool:
        """Whether there may be any."""
        return True

    @property
    def address(self) -> str:
        """Where the folder is."""
        return self._folder.path.absolute().as_uri()

    @property
    def missing(self) -> list[str]:
        """Sentences about what the broker did not give when it was exported."""
        return self._folder.missing

    def get(self, name: str, params: Params = (), /, **values: str) -> Resource:
        """Return what the broker answered. Raises ResourceNotFoundError when it is not there."""
        with self._folder.as_written():
            state = self._answer(name, params, values)
        if state is None:
            raise ResourceNotFoundError(f"{self._folder.path} has no {path_of(name, **values)}", status=404)
        shapes.check(state, shapes.SHAPES.get(name, {}), str(self._folder.path))
        return Resource(self.address, 200, state)

    def _answer(self, name: str, params: Params, values: dict[str, str]) -> Document | None:
        if name == "matrix":
            return self._matrix(dict(params), [value for _, value in params])
        return self._answers[name](**values) if name in self._answers else None

    def read(self, url: str, name: str, params: Params = ()) -> Resource:
        """Return what a link leads to: here it is the uuid of a webhook."""
        return self.get(name, params, uuid=unquote(url.rpartition("/")[2]))

    def document(self, name: str, shape: shapes.Shape, **values: str) -> Any:
        """Return a pact or a result. Raises BrokerError, InvalidContractError."""
        where = _pair_folder(values)
        with self._folder.as_written():
            if name == "result":
                listed = self._folder.items(f"{where}/results.json")[int(values["number"]) - 1]
                found = self._folder.large(f"{where}/results/{safe(RESULT, listed['file'])}")
            else:
                sha = self._content_of(where, values["version"])
                found = self._folder.large(f"{where}/contents/{sha}.json")
        if name == "pact" and isinstance(found, dict):
            found = {**found, "_links": {"self": {}, "pb:pact-version": {"name": sha}}}
        if isinstance(found, dict):
            shapes.check(found, shape, str(self._folder.path))
        return found

    def _pacticipants(self) -> Document:
        return _listed("pacticipants", list(self._all_pacticipants()))

    def _all_pacticipants(self) -> Iterator[Document]:
        folder = self._folder.path / "pacticipants"
        names = sorted(each.name for each in folder.iterdir() if each.is_dir()) if folder.is_dir() else []
        found = []
        for name in names:
            found.append(self._folder.file(f"pacticipants/{name}/pacticipant.json"))
            if folder_name(found[-1]["name"]) != name:
                raise shapes.UnexpectedAnswerError(
                    f"{folder / name} is the folder of another application than {found[-1]['name']}."
                )
        return (_with_labels(item) for item in sorted(found, key=lambda item: str(item["name"])))

    def _pacticipant(self, pacticipant: str) -> Document | None:
        found = self._folder.find(f"pacticipants/{folder_name(pacticipant)}/pacticipant.json")
        return None if found is None else _with_labels(found)

    def _versions(self, pacticipant: str) -> Document:
        return _listed(
            "versions", [_version(item) for item in reversed(self._folder.of(pacticipant, "versions"))]
        )

    def _latest(self, pacticipant: str) -> Document | None:
        versions = self._folder.of(pacticipant, "versions")
        return {"number": versions[-1]["number"]} if versions else None

    def _head_of(self, pacticipant: str, branch: str) -> Document | None:
        head = {"name": branch, "head": True}
        found = (item for item in self._folder.of(pacticipant, "versions") if head in item["branches"])
        return next(({"number": item["number"]} for item in found), None)

    def _environments(self) -> Document:
        found = self._folder.items("environments.json")
        return _listed("environments", [{**item, "uuid": item["name"]} for item in found])

    def _versions_in(self, pacticipant: str, environment: str) -> Document:
        there = [
            item["version"]
            for kind in ("deployments", "releases")
            for item in self._folder.of(pacticipant, kind)
            if item["environment"] == environment
        ]
        newest_first = reversed(list(dict.fromkeys(there)))
        return _listed("versions", [{"number": number} for number in newest_first])

    def _records(self, kind: str, pacticipant: str, version: str, environment: str) -> Document:
        found = [
            _record(kind, index, item)
            for index, item in enumerate(self._folder.of(pacticipant, kind))
            if (item["version"], item["environment"]) == (version, environment)
        ]
        return _listed(_RELATION[kind], found[::-1])

    def _current(self, kind: str, environment: str) -> Document:
        found = [
            {
                **_record(kind, index, item),
                "_embedded": {"pacticipant": {"name": name}, "version": {"number": item["version"]}},
            }
            for name in (item["name"] for item in self._all_pacticipants())
            for index, item in enumerate(self._folder.of(name, kind))
            if item["environment"] == environment and _ENDED[kind] not in item
        ]
        return _listed(_RELATION[kind], found)

    def _integrations(self) -> Document:
        found = self._folder.items("integrations.json")
        sides = ("consumer", "provider")
        return _listed("integrations", [{side: {"name": item[side]} for side in sides} for item in found])

    def _publications(self, consumer: str, provider: str) -> Document:
        found = self._folder.items(
            f"{_pair_folder({'consumer': consumer, 'provider': provider})}/publications.json"
        )
        shown = [
            {"createdAt": item["createdAt"], "_embedded": {"consumerVersion": {"number": item["version"]}}}
            for item in reversed(found)
        ]
        return _listed("pacts", shown)

    def _documents(self, pacticipant: str, version: str) -> Document | None:
        for item in self._folder.of(pacticipant, "service-contracts"):
            if item["version"] == version:
                documents = [{"name": each["name"], "sha": each["content"]} for each in item["documents"]]
                return {"createdAt": item["createdAt"], **_listed("documents", documents)}
        return None

    def _service_contract(self, pacticipant: str, sha: str) -> Document:
        where = f"pacticipants/{folder_name(pacticipant)}/service-contracts"
        return {"content": self._folder.large(f"{where}/{safe(HASH, sha)}.json")}

    def _result_of_document(self, pacticipant: str, sha: str) -> Document | None:
        found = self._folder.of(pacticipant, "service-contract-results")
        return next((item for item in found if item["content"] == sha), None)

    @cached_property
    def _scenarios(self) -> dict[tuple[str, str], list[str]]:
        """The numbers of the results of scenarios, by the versions that took part."""
        found: dict[tuple[str, str], list[str]] = {}
        for number in self._folder.numbers("scenario-results"):
            participants = self._folder.large(f"scenario-results/{number}.json")["participants"]
            if not participants:
                raise ValueError(f"nobody took part in the scenario {number}")
            for each in participants:
                place = each["pacticipantName"], each["pacticipantVersionNumber"]
                found.setdefault(place, []).append(number)
        return found

    def _scenarios_of(self, pacticipant: str, version: str) -> Document:
        numbers = self._scenarios.get((pacticipant, version), [])
        return _listed("scenarioResults", [{"_links": {"self": {"href": f"/{each}"}}} for each in numbers])

    def _scenario(self, number: str) -> Document:
        found = self._folder.large(f"scenario-results/{number}.json")
        places = [
            (quote(each["pacticipantName"], safe=""), quote(each["pacticipantVersionNumber"], safe=""))
            for each in found["participants"]
        ]
        links = [{"href": f"/pacticipants/{name}/versions/{version}"} for name, version in places]
        return {**found, "_links": {"tally:participants": links}}

    def _team(self, team: str) -> Document | None:
        found = (item for item in self._folder.items("teams.json") if item["name"] == team)
        item = next(found, None)
        return item and _listed("pacticipants", [{"name": name} for name in item.get("pacticipants", ())])

    def _webhooks(self) -> Document:
        found = [{"href": quote(item["uuid"], safe="")} for item in self._folder.items("webhooks.json")]
        return {"_links": {"pb:webhooks": found}}

    def _webhook(self, uuid: str) -> Document | None:
        return next((item for item in self._folder.items("webhooks.json") if item["uuid"] == uuid), None)

    def _metrics(self) -> Document:
        found: Document = {}
        for what, (part, key) in _METRICS.items():
            found.setdefault(part, {})[key] = self._folder.counts.get(what, 0)
        pacts = self._folder.counts.get("pacts", 0)
        return {**found, "pactRevisionsPerConsumerVersion": {"distribution": {"1": pacts}}}

    def _matrix(self, asked: dict[str, str], values: list[str]) -> Document:
        if "environment" in asked:
            return {"summary": self._decision(asked)}
        consumer, version, provider, *_ = values
        where = _pair_folder({"consumer": consumer, "provider": provider})
        sha = self._content_of(where, version)
        rows = [
            _row(consumer, provider, number, item)
            for number, item in enumerate(self._folder.items(f"{where}/results.json"), start=1)
            if item["content"] == sha
        ]
        limit = int(asked["limit"])
        return {"matrix": rows if len(rows) < limit else rows[:limit]}

    def _decision(self, asked: dict[str, str]) -> Document:
        question = {
            "pacticipant": asked["q[][pacticipant]"],
            "version": asked["q[][version]"],
            "environment": asked["environment"],
        }
        for item in self._folder.items("decisions.json"):
            if question.items() <= item.items():
                return item
        raise BrokerRefusedError("the broker was not asked when it was exported", status=400)

    def _content_of(self, where: str, version: str) -> str:
        found = self._folder.items(f"{where}/publications.json")
        return safe(HASH, next((item["content"] for item in found if item["version"] == version), None))


_RELATION = {"deployments": "deployedVersions", "releases": "releasedVersions"}
_ENDED = {"deployments": "undeployedAt", "releases": "supportEndedAt"}
_LASTS = {"deployments": "currentlyDeployed", "releases": "currentlySupported"}


def _pair_folder(values: Mapping[str, str]) -> str:
    return f"pacts/{folder_name(values['provider'])}/{folder_name(values['consumer'])}"


def _listed(relation: str, items: list[Document]) -> Document:
    return {"_embedded": {relation: items}}


def _with_labels(item: Document) -> Document:
    return {**item, "_embedded": {"labels": [{"name": name} for name in item.get("labels", ())]}}


def _version(item: Document) -> Document:
    branches = [{"name": each["name"], "latest": each["head"]} for each in item["branches"]]
    tags = [{"name": name} for name in item["tags"]]
    return {**item, "_embedded": {"branches": branches, "tags": tags}}


def _record(kind: str, index: int, item: Document) -> Document:
    return {**item, "uuid": str(index), _LASTS[kind]: _ENDED[kind] not in item}


def _row(consumer: str, provider: str, number: int, item: Document) -> Document:
    href = f"/pact-version/{item['content']}/verification-results/{number}"
    result = {"success": item["success"], "verifiedAt": item["createdAt"], "_links": {"self": {"href": href}}}
    version = {"number": item["providerVersion"]}
    return {
        "consumer": {"name": consumer},
        "provider": {"name": provider, "version": version},
        "verificationResult": result,
    }
