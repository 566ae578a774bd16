"""A rehearsal: the target judges every request of an import, and keeps nothing."""

import json
from collections.abc import Mapping
from typing import Any

from tally.hashing import parse_exactly

HEADER = "Tally-Import-Rehearsal"
"""Tells the target to keep nothing, and what it would have by now."""
RELATION = "tally:import-rehearsal"


class Rehearsal:
    """What the target would have by now, because it accepted it before.

    A request that refers to something is sent together with it, so that the target can judge the request.
    """

    def __init__(self) -> None:
        self._pacticipants: set[str] = set()
        self._versions: set[tuple[str, str]] = set()
        self._environments: dict[str, str] = {}
        self._pacts: dict[tuple[str, str, str], str] = {}
        self._records: set[str] = set()

    def header(self, route: str, body: object, values: Mapping[str, str]) -> str:
        """Return what a request to this route refers to, as the value of the header."""
        assumed: dict[str, list[Any]] = {"pacticipants": sorted(self._pacticipants & _named(body, values))}
        if route == "results":
            consumer, provider, sha = values["consumer"], values["provider"], values["sha"]
            version = self._pacts.get((consumer, provider, sha))
            assumed["pacts"] = [] if version is None else [[consumer, version, provider, sha]]
        elif route in {"deployments", "releases"}:
            place, uuid = (values["pacticipant"], values["version"]), values["environment"]
            assumed["versions"] = [place] if place in self._versions else []
            assumed["environments"] = [[uuid, self._environments[uuid]]] if uuid in self._environments else []
        return json.dumps({key: items for key, items in assumed.items() if items})

    def accepted(self, route: str, values: Mapping[str, str], answer: Mapping[str, Any]) -> None:
        """Remember what this request would have stored, and what it would have created besides."""
        if route == "pacticipants":
            self._pacticipants.add(answer["name"])
        elif route == "environments":
            self._environments[answer["uuid"]] = answer["name"]
        elif route in {"deployments", "releases"}:
            self._records.add(answer["uuid"])
        elif route == "results":
            self._add_version(values["provider"], answer["providerApplicationVersion"])
        elif route in {"version", "tag", "branch-version"}:
            self._add_version(values["pacticipant"], values["version"])
        elif route == "label":
            self._pacticipants.add(values["pacticipant"])

    def accepted_pact(self, answer: bytes, sha: str, values: Mapping[str, str]) -> None:
        """Remember a pact under the hash that the target tells; under *sha* when the pact is no object."""
        document = parse_exactly(answer)
        if isinstance(document, dict):
            sha = document["_links"]["pb:pact-version"]["name"]
        self._pacts[values["consumer"], values["provider"], sha] = values["version"]
        self._add_version(values["consumer"], values["version"])
        self._pacticipants.add(values["provider"])

    def has_recorded(self, uuid: str) -> bool:
        """Return whether a deployment or a release would have this uuid."""
        return uuid in self._records

    def _add_version(self, pacticipant: str, number: str) -> None:
        self._pacticipants.add(pacticipant)
        self._versions.add((pacticipant, number))


def _named(body: object, values: Mapping[str, str]) -> set[str]:
    """Return the pacticipants that a request names, in its path or, as a webhook does, in its body."""
    sides = ("consumer", "provider")
    of_webhook = [body.get(side) for side in sides] if isinstance(body, dict) else []
    return {values[key] for key in ("pacticipant", *sides) if key in values} | {
        str(side["name"]) for side in of_webhook if isinstance(side, dict) and side.get("name") is not None
    }
