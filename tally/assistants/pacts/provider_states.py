"""Tools about provider states: what a provider sets up before it is verified."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import Annotated, Any

from tally.assistants.answers import Answer, ToolError, listed, page_of, quoted
from tally.assistants.sources.file_choice import pacts_of_provider
from tally.assistants.sources.sources import Sources
from tally.assistants.verification.broker_pacts import pacts_in_use
from tally.hashing import compact_json
from tally.values import dataclass

_MOST_EXAMPLES, _MOST_INTERACTIONS, _MOST_VERSIONS = 5, 3, 10


def provider_states(
    sources: Sources,
    *,
    provider: Annotated[str, "The provider, as the broker or the pacts call it."],
    environment: Annotated[str | None, "Only those that consumers in this environment ask for."] = None,
    branch: Annotated[str | None, "Only those in the newest pacts of this branch of the consumers."] = None,
    page: Annotated[int, "Page of the states, from 1 on."] = 1,
) -> Answer:
    """List the provider states that consumers ask of a provider, with their parameters, and who asks.

    Call it to write the functions that set up these states. Without environment and branch, the pacts of what
    is in any environment count, the newest of each consumer, and the newest of its main branch.
    """
    if environment is not None and branch is not None:
        raise ToolError("Give environment or branch, or none of them: each says whose pacts count.")
    asking, missing = _asking(sources, provider, environment, branch)
    found = _states(asking)
    consumers = sorted({each.consumer for each in asking})
    return Answer(
        _summary(provider, len(found), consumers, environment, branch),
        {
            "states": page_of([each.as_json() for each in found], page),
            "consumers_looked_at": consumers,
            "written_alike": _alike([each.name for each in found]),
            "not_compared": missing,
        },
        next=_next(found),
    )


@dataclass(frozen=True)
class _Asking:
    """A pact, and the version of its consumer, or its file."""

    consumer: str
    version: Mapping[str, Any]
    document: dict[str, Any]


@dataclass
class _State:
    name: str
    params: dict[str, dict[bytes, Any]] = field(default_factory=dict)
    interactions: dict[str, dict[str, None]] = field(default_factory=dict)
    versions: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)

    def add(self, asking: _Asking, params: Mapping[str, Any], description: str) -> None:
        for name, value in params.items():
            examples = self.params.setdefault(name, {})
            if len(examples) <= _MOST_EXAMPLES:
                examples.setdefault(compact_json(value), value)
        self.interactions.setdefault(asking.consumer, {})[description] = None
        versions = self.versions.setdefault(asking.consumer, [])
        if asking.version not in versions:
            versions.append(asking.version)

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "parameters": {
                name: list(examples.values())[:_MOST_EXAMPLES] for name, examples in self.params.items()
            },
            "asked_by": [
                {
                    "consumer": consumer,
                    "versions": self.versions[consumer][:_MOST_VERSIONS],
                    "interactions": list(descriptions)[:_MOST_INTERACTIONS],
                    "number_of_interactions": len(descriptions),
                }
                for consumer, descriptions in sorted(self.interactions.items())
            ],
        }


def _asking(
    sources: Sources, provider: str, environment: str | None, branch: str | None
) -> tuple[list[_Asking], list[dict[str, str]]]:
    """Return the pacts that count, and what could not be looked at."""
    if sources.asked is None:
        if environment or branch:
            raise ToolError(
                "environment, branch: files do not say where versions are. Leave these out, or start "
                "`tally mcp` with --broker-base-url."
            )
        files = pacts_of_provider(sources.files, provider)
        return [_Asking(each.consumer, {"file": str(each.path)}, each.document) for each in files], []
    found = pacts_in_use(sources.asked, provider, "provider", environment=environment, branch=branch)
    asking = [
        _Asking(each.consumer, {"number": each.version, "environments": each.environments}, each.document)
        for each in found.pacts
    ]
    return asking, found.left_out


def _states(asking: Iterable[_Asking]) -> list[_State]:
    from tally.pact.provider_states import states_in  # noqa: PLC0415 - slow to load, and not always needed

    states: dict[str, _State] = {}
    for each in asking:
        for name, params, interaction in states_in(each.document):
            state = states.setdefault(name, _State(name))
            state.add(each, params, str(interaction.get("description", "")))
    return [states[name] for name in sorted(states)]


def _alike(names: Sequence[str]) -> list[list[str]]:
    """Return the names that differ in nothing but case, spaces and punctuation."""
    same: dict[str, list[str]] = {}
    for name in names:
        same.setdefault("".join(filter(str.isalnum, name.casefold())), []).append(name)
    return [group for group in same.values() if len(group) > 1]


def _summary(
    provider: str, number: int, consumers: Sequence[str], environment: str | None, branch: str | None
) -> str:
    where = f" in {quoted(environment)}" if environment else f" on branch {quoted(branch)}" if branch else ""
    if not consumers:
        return f"No consumer{where} has a pact with {quoted(provider)}, so that no state is asked for."
    states = f"{number} provider state{'s' * (number != 1)}" if number else "no provider state"
    ask = "asks" if len(consumers) == 1 else "ask"
    return f"{listed(consumers)}{where} {ask} {quoted(provider)} for {states}."


def _next(found: Sequence[_State]) -> list[str]:
    if not found:
        return []
    return [
        "Write one function for each name; the parameters are its arguments, and values of any pact come."
    ]
