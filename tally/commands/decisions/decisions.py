"""The broker's answer to "can I deploy?" as values, and the next steps."""

import shlex
from enum import Enum
from typing import Any

from tally.broker_client import BrokerNotice, Resource
from tally.commands.decisions.obstacles import DecisionObstacle, DeploymentAim, Moment, obstacle
from tally.values import dataclass


class VerificationStatus(Enum):
    """What is known about one pact and one version of its provider."""

    VERIFIED = "verified"
    FAILED = "failed"
    UNKNOWN = "unknown"


_RESULTS: dict[bool | None, VerificationStatus] = {
    True: VerificationStatus.VERIFIED,
    False: VerificationStatus.FAILED,
}


@dataclass(frozen=True)
class DecisionRow:
    """A pact, and the newest result of its verification; a version is None when there is none to compare.

    *kind* is what decided, where the provider has a service contract: None for a replay.
    """

    consumer: str
    consumer_version: str | None
    provider: str
    provider_version: str | None
    result: VerificationStatus
    ignored: bool = False
    pact_url: str | None = None
    result_url: str | None = None
    kind: str | None = None

    def cells(self, expected: str | None = None) -> tuple[str, ...]:
        """Return it as a line of a table; *expected* is the version of the provider that has to verify."""
        remarks = [text for text in (self.kind, "ignored" if self.ignored else None) if text]
        result = f"{self.result.value} ({', '.join(remarks)})" if remarks else self.result.value
        return (
            self.consumer,
            self.consumer_version or "-",
            self.provider,
            self.provider_version or expected or "-",
            result,
        )


@dataclass(frozen=True)
class BrokerDecision:
    """*deployable* is None while results are missing; *missing* counts them."""

    deployable: bool | None
    missing: int
    rows: tuple[DecisionRow, ...]
    notices: tuple[BrokerNotice, ...]
    obstacles: tuple[DecisionObstacle, ...] = ()

    def verdict(self, subject: str, aim: str) -> str:
        """Return in one line whether the *subject* can do the *aim*, such as "be deployed"."""
        if self.deployable:
            return f"Yes: {subject} can {aim}."
        if self.deployable is None:
            results = "1 result is" if self.missing == 1 else f"{self.missing} results are"
            return f"No: it is not known yet whether {subject} can {aim}; {results} missing."
        return f"No: {subject} cannot {aim}."

    def cells(self) -> list[tuple[str, ...]]:
        """Return the lines of a table; those without a result name the versions that have to verify."""
        expected = {
            (item.consumer, item.provider): " or ".join(item.versions)
            for item in self.obstacles
            if item.missing
        }
        return [
            row.cells(expected.get((f"{row.consumer} {row.consumer_version}", row.provider)))
            for row in self.rows
        ]

    def next_steps(self, broker_url: str, aim: DeploymentAim, moment: Moment) -> tuple[str, ...]:
        """Return one step for each row that prevents the deployment; none when the answer is yes."""
        if self.obstacles and not self.deployable:
            return tuple(dict.fromkeys(item.step(aim, moment) for item in self.obstacles))
        open_ = [
            row for row in self.rows if row.result is not VerificationStatus.VERIFIED and not row.ignored
        ]
        return () if self.deployable else tuple(dict.fromkeys(step(row, broker_url) for row in open_))


def decision(answer: Resource) -> BrokerDecision:
    """Read an answer of the matrix (Pact Broker reference §8.5)."""
    summary = answer.state.get("summary") or {}
    return BrokerDecision(
        summary.get("deployable"),
        int(summary.get("unknown") or 0),
        tuple(_row(row) for row in answer.state.get("matrix") or ()),
        _notices(answer),
        tuple(obstacle(item) for item in answer.state.get("tally:explanation") or ()),
    )


def step(row: DecisionRow, broker_url: str) -> str:
    """Return the next step for a row that is not verified: a command to run, or the result to read."""
    pact = f"the pact of {row.consumer} {row.consumer_version or ''}".rstrip()
    if row.result is VerificationStatus.FAILED:
        seen = f"\n  {row.result_url}" if row.result_url else ""
        return f"{row.provider} {row.provider_version} does not keep {pact}. See what failed:{seen}"
    source = row.pact_url or f"--provider {shlex.quote(row.provider)}"
    version = shlex.quote(row.provider_version or "VERSION")
    return (
        f"{row.provider} has to verify {pact}. Where {row.provider} runs:\n"
        f"  tally verify {source} -b {broker_url} --provider-url URL --provider-version {version} --publish"
    )


def _notices(answer: Resource) -> tuple[BrokerNotice, ...]:
    """Return the reasons, without the broker's prompts when the next steps say the same."""
    found = answer.notices() or _reason(answer.state.get("summary") or {})
    if not answer.state.get("tally:explanation"):
        return found
    return tuple(notice for notice in found if notice.type != "prompt")


def _row(row: dict[str, Any]) -> DecisionRow:
    verification = row.get("verificationResult") or {}
    return DecisionRow(
        row["consumer"]["name"],
        (row["consumer"].get("version") or {}).get("number"),
        row["provider"]["name"],
        (row["provider"].get("version") or {}).get("number"),
        _RESULTS.get(verification.get("success"), VerificationStatus.UNKNOWN),
        ignored=bool(row.get("ignored")),
        pact_url=_self(row.get("pact") or {}),
        result_url=_self(verification),
        kind=None if row.get("tally:kind") == "replayed" else row.get("tally:kind"),
    )


def _self(document: dict[str, Any]) -> str | None:
    link = (document.get("_links") or {}).get("self") or {}
    return link.get("href")


def _reason(summary: dict[str, Any]) -> tuple[BrokerNotice, ...]:
    """Return the reason of an old broker, which sends one text in place of notices."""
    return (BrokerNotice("info", str(summary["reason"])),) if summary.get("reason") else ()
