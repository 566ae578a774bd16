"""Which change brought a failure, in our words, and what changed: in the pact, or in the provider."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tally.assistants.answers import ToolError, quoted
from tally.assistants.judging.process import UndecidedError, judged
from tally.assistants.pacts.pact_diffs import difference
from tally.assistants.service_contracts.broker_contracts import Service
from tally.assistants.sources.given import content
from tally.broker_client import BrokerClient
from tally.errors import UsageError

Json = dict[str, Any]
_MOST_CHANGES, _MOST_PAIRS = 10, 2
_UNKNOWN = "Which change brought it is not known: no earlier result is kept in which it passed."


def brought_by(origin: Mapping[str, Any], state: Mapping[str, Any]) -> str:
    """Return which change brought a failure, as a sentence; *state* names the two parties."""
    first, passed = origin["first"], origin["passed"]
    consumer, provider = quoted(state["consumer"]["name"]), quoted(state["provider"]["name"])
    if origin["isNew"] and first:
        return (
            f"The pact brought it: the interaction is new in that of {consumer} "
            f"{_number(first['consumerVersion'])}, and was never verified before."
        )
    if not first or not passed:
        return _UNKNOWN
    before = f"{consumer} {_number(passed['consumerVersion'])}"
    after = f"{consumer} {_number(first['consumerVersion'])}"
    old, new = (f"{provider} {_number(each['providerVersion'])}" for each in (passed, first))
    if origin["changed"] == "provider":
        return f"The provider brought it: {old} kept this, and {new} does not."
    if origin["changed"] == "pact":
        return f"The pact brought it: it passed as {before} published it, and fails since {after}."
    if origin["changed"] == "neither":
        return (
            f"Neither the pact nor the provider changed: {new} kept the same before. Look at the states, the "
            "data and the run."
        )
    return (
        f"It is not known whether the pact or the provider brought it: {before} with {old} passed, "
        f"{after} with {new} does not, and both have changed."
    )


class Changes:
    """What changed between the results that origins name; *next* says what is missing to tell more."""

    def __init__(self, broker: BrokerClient, provider: str) -> None:
        self._broker = broker
        self._provider = provider
        self._unknown: list[str] = []

    @property
    def next(self) -> list[str]:
        """What to do to know more."""
        if not self._unknown:
            return []
        where = ", and ".join(self._unknown)
        said = f"What changed in the provider is not known to the broker: look at its commits {where}."
        return [f"{said} With service contracts (tally publish-service-contract) it would be."]

    def of(self, origins: Sequence[Mapping[str, Any]], interactions: frozenset[str]) -> list[Json]:
        """Return what changed in pacts and in the provider; of a pact, only in these *interactions*."""
        known = [each for each in origins if each["first"] and each["passed"]]
        return [*self._pacts(known, interactions), *self._providers(known)]

    def _pacts(self, origins: Iterable[Mapping[str, Any]], interactions: frozenset[str]) -> Iterator[Json]:
        pairs = {
            (self._sha(each["first"]), self._sha(each["passed"])): each
            for each in origins
            if each["changed"] in {"pact", "both"} and self._sha(each["first"]) != self._sha(each["passed"])
        }
        for (_, sha), each in list(pairs.items())[:_MOST_PAIRS]:
            pact = self._broker.get(each["first"]["_links"]["pb:pact-version"]["href"])
            found = difference(self._broker, pact, sha)
            changes = [change for change in found.changes if change.interaction in interactions]
            yield {
                "what": "pact",
                "from": each["passed"]["consumerVersion"],
                "to": each["first"]["consumerVersion"],
                **_first([change.document() for change in changes]),
                "page": found.page,
            }

    def _providers(self, origins: Iterable[Mapping[str, Any]]) -> Iterator[Json]:
        pairs = dict.fromkeys(
            (each["passed"]["providerVersion"], each["first"]["providerVersion"])
            for each in origins
            if each["changed"] in {"provider", "both"}
        )
        for before, after in list(pairs)[:_MOST_PAIRS]:
            yield {"what": "provider", "from": before, "to": after, **self._contracts(before, after)}

    def _contracts(self, before: str, after: str) -> Json:
        """Return how the service contracts of two versions of the provider compare."""
        old, new = (self._documents(number) for number in (before, after))
        if not old or not new:
            self._unknown.append(f"between {quoted(before)} and {quoted(after)}")
            return {"service_contract": "not known: a version has none"}
        changes: list[Json] = []
        for name in [name for name in old if name in new]:
            documents: dict[str, Any] = {"old": content(before, old[name]), "new": content(after, new[name])}
            try:
                found = judged("check", **documents, mode=None, direction=None, lenient=False)
            except (ToolError, UndecidedError) as error:
                return {"service_contract": f"not known: {error}"}
            changes += found["changes"]
        changes.sort(key=lambda change: bool(change["compatible"]))
        is_other = bool(changes) or set(old) != set(new)
        return {
            "service_contract": "changed" if is_other else "says the same as before",
            **_first(changes),
        }

    def _documents(self, number: str) -> dict[str, Any]:
        """Return the documents of the service contract of a version, by their names; none without one."""
        try:
            service = Service(self._broker, self._provider, ("provider", "provider_version"))
            return service.contract_of(number).documents
        except (ToolError, UsageError):
            return {}

    @staticmethod
    def _sha(result: Mapping[str, Any]) -> str:
        return str(result["_links"]["pb:pact-version"].get("name"))


def _first(changes: Sequence[Json]) -> Json:
    left_out = len(changes) - _MOST_CHANGES
    return {"changes": changes[:_MOST_CHANGES], **({"more_changes": left_out} if left_out > 0 else {})}


def _number(version: str | None) -> str:
    return quoted(version) if version else "(a version that was deleted)"
