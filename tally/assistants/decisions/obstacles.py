"""What stands in the way of a deployment: as data, and as next steps in our own words."""

from collections.abc import Iterator
from typing import Any

from tally.assistants.answers import quoted
from tally.broker_client import Resource
from tally.commands.decisions.decisions import BrokerDecision, DecisionRow, VerificationStatus
from tally.commands.decisions.obstacles import DecisionObstacle, DeploymentAim, obstacle
from tally.values import dataclass

_MOST_INTERACTIONS, _MOST_PROBLEMS = 5, 3


@dataclass(frozen=True)
class Explained:
    """A contract without a result, or one that does not hold; *said* is what the broker says of it."""

    read: DecisionObstacle
    said: dict[str, Any]

    @property
    def sentence(self) -> str:
        """What is wrong."""
        consumer, provider = self._consumer, self._provider
        if self.read.kind == "dependency":
            return f"{consumer} needs something of {provider} that it is not known to have."
        if self.read.kind == "service-contract":
            return f"{provider} does not keep its own service contract."
        if self.read.missing:
            return f"{provider} has not verified the pact of {consumer}."
        if self.read.kind in {None, "replayed"}:
            return f"{provider} does not keep the pact of {consumer}{self._since}."
        if self.read.notes:
            return f"{provider} does not keep the service contract that the pact of {consumer} fits."
        return f"The pact of {consumer} does not fit the service contract of {provider}."

    def step(self, aim: DeploymentAim) -> str:
        """Return what to do about it: sentences, and commands that can be run, each on a line of its own."""
        return "\n".join(self._lines(aim))

    def _lines(self, aim: DeploymentAim) -> Iterator[str]:
        read, provider = self.read, quoted(self.read.provider)
        if read.missing and not read.versions and aim.environment:
            yield (
                f"{self.sentence} No version of {provider} is in {quoted(aim.environment)}: verify the pact "
                "with the version that goes there, deploy it, and run tally record-deployment."
            )
        elif not read.missing and read.kind != "dependency":
            yield f"{self.sentence} {self._ask_why()}".strip()
        elif read.missing and not read.kind:
            yield f"{self._provider} has to verify the pact of {self._consumer}."
        else:
            yield self.sentence
        if read.kept_by is not None:
            number, branch = read.kept_by
            on = f" of the branch {quoted(branch)}" if branch else ""
            advice, _, command = aim.advice(read.provider, number).partition("\n")
            yield f"{provider} {quoted(number)}{on} keeps it{advice}"
            yield from [_command(command)] if command else []
        if self.said.get("underWay"):
            yield from self._awaited()
        if read.command:
            yield f"Where {provider} runs:"
            yield _command(read.command)

    def _awaited(self) -> Iterator[str]:
        """Say which versions a webhook asked for a result, and when: for an old one nobody waits."""
        asked = {sent.provider_version: sent for sent in reversed(list(self.read.newest_webhooks()))}
        for number, sent in asked.items():
            if number is not None:
                who, since = f"{quoted(self.read.provider)} {quoted(number)}", sent.triggered_at
                yield f"A webhook asks {who} for it since {since}: if that is under way, ask again."

    def document(self) -> dict[str, Any]:
        """Return what people wrote about it, and the values of the broker."""
        interactions = self.said.get("interactions") or []
        found = {
            "consumer": self.said["consumer"],
            "provider": self.said["provider"],
            "problem": self.said["problem"],
            "decided_by": self.read.kind or "replayed",
            "since": self.read.since,
            "failing_since": self.said.get("failingSince"),
            "teams": {role: found for role, found in (self.said.get("teams") or {}).items() if found},
            "interactions": [_interaction(item) for item in interactions[:_MOST_INTERACTIONS]],
            "more_interactions": max(0, len(interactions) - _MOST_INTERACTIONS),
            "notes": list(self.read.notes),
            "webhooks": [sent.outcome(self.read.provider) for sent in self.read.newest_webhooks()],
            "kept_by": self.said.get("keptBy"),
            "build": self.read.build_url,
            "page": self.read.page_url,
        }
        return {key: value for key, value in found.items() if value}

    @property
    def _consumer(self) -> str:
        return f"{quoted(self.said['consumer']['name'])} {quoted(self.said['consumer']['version'])}"

    @property
    def _provider(self) -> str:
        versions = " or ".join(map(quoted, self.read.versions))
        return f"{quoted(self.read.provider)} {versions}".rstrip()

    @property
    def _since(self) -> str:
        since = self.said.get("failingSince")
        if not since or since["version"] in self.read.versions:
            return ""
        return f"; it fails since version {quoted(since['version'])}"

    def _ask_why(self) -> str:
        if self.read.kind == "service-contract":
            return f"What failed: {self.read.page_url}." if self.read.page_url else ""
        version = f", provider_version {quoted(self.read.versions[0])}" if self.read.versions else ""
        return (
            f"What failed, and which change brought it: why_did_it_fail with consumer "
            f"{quoted(self.said['consumer']['name'])}, consumer_version "
            f"{quoted(self.said['consumer']['version'])}, provider {quoted(self.read.provider)}{version}."
        )


@dataclass(frozen=True)
class OpenRow:
    """A row that is not verified, where the broker explains nothing: it is a Pact Broker."""

    row: DecisionRow

    @property
    def sentence(self) -> str:
        """What is wrong."""
        row = self.row
        provider = f"{quoted(row.provider)} {quoted(row.provider_version) if row.provider_version else ''}"
        said = "does not keep" if row.result is VerificationStatus.FAILED else "has not verified"
        consumer = f"{quoted(row.consumer)} {quoted(row.consumer_version or 'of unknown version')}"
        return f"{provider.strip()} {said} the pact of {consumer}."

    def step(self, _: DeploymentAim) -> str:
        """Return what to do about it."""
        url = self.row.result_url or self.row.pact_url
        return f"{self.sentence} See {url}" if url else self.sentence

    def document(self) -> dict[str, Any]:
        """Return the row."""
        row = self.row
        return {
            "consumer": {"name": row.consumer, "version": row.consumer_version},
            "provider": {"name": row.provider, "version": row.provider_version},
            "problem": row.result.value,
        }


def explained(answer: Resource, found: BrokerDecision) -> list[Explained | OpenRow]:
    """Return what stands in the way, what failed first; nothing when the answer is yes."""
    if found.deployable:
        return []
    if found.obstacles:
        said = sorted(answer.state["tally:explanation"], key=lambda item: item["problem"] == "missing")
        return [Explained(obstacle(item), item) for item in said]
    rows = [row for row in found.rows if row.result is not VerificationStatus.VERIFIED and not row.ignored]
    return [OpenRow(row) for row in sorted(rows, key=lambda row: row.result is VerificationStatus.UNKNOWN)]


def _interaction(item: dict[str, Any]) -> dict[str, Any]:
    problems = item.get("problems") or []
    more = len(problems) - _MOST_PROBLEMS
    return {
        "description": item["description"],
        "problems": problems[:_MOST_PROBLEMS] + ([f"and {more} more"] if more > 0 else []),
    }


def _command(text: str) -> str:
    """Return a command on one line, without signs that no terminal shows."""
    shown = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text.strip())
    return f"  {shown}"
