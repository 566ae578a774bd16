"""What stands in the way of a deployment, as a Tallystick broker explains it, and what to do about it."""

import shlex
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tally.commands.delivery_status import in_words
from tally.values import dataclass

MOST_INTERACTIONS, MOST_PROBLEMS = 10, 3
"""How much of a failed result is printed as text; JSON has all of it."""
Moment = Callable[[str], str]
"""How a moment is shown: exactly, or as a time before now."""


@dataclass(frozen=True)
class SentWebhook:
    """What a webhook sent because of the pact; *answer* is what came back.

    *provider_version* is the version that was asked to verify the pact; None when the event asks none.
    """

    title: str
    event: str | None
    provider_version: str | None
    status: str
    answer: str | None
    triggered_at: str

    def outcome(self, provider: str) -> str:
        """Return what came of it, as a clause."""
        about = f" on {self.event}" if self.event else ""
        if self.provider_version:
            about = f" for {provider} {self.provider_version}"
        answer = f" ({self.answer})" if self.answer else ""
        return f"Webhook {self.title!r}{about}: {in_words(self.status)}{answer}"


@dataclass(frozen=True)
class DeploymentAim:
    """Which applications are to be deployed, as options, and where; no environment in other questions."""

    asked: tuple[tuple[str, str | None], ...] = ()
    environment: str | None = None

    def advice(self, name: str, version: str) -> str:
        """Return what to do when this version keeps a pact that another one does not, as sentences end."""
        if self.environment is None:
            return "."
        if name in {pacticipant for pacticipant, _ in self.asked}:
            return ": deploy that instead."
        moves = [*self.asked, (name, version)]
        if not all(number for _, number in moves):
            return ": deploy that first."
        options = " ".join(f"-a {shlex.quote(who)} -e {shlex.quote(str(number))}" for who, number in moves)
        command = f"tally deploy-plan {options} --to-environment {shlex.quote(self.environment)}"
        return f": deploy that first. In which order both can go:\n  {command}"


@dataclass(frozen=True)
class DecisionObstacle:
    """A pact without a result, or with a failed one; *versions* are those that have to verify it.

    *kept_by* is another version of the provider that keeps the pact, with its branch. *kind* is what a
    service contract has to do with it, and *notes* say why it does not help; *command* is None when none
    helps.
    """

    consumer: str
    provider: str
    versions: tuple[str, ...]
    missing: bool
    since: str
    interactions: tuple[str, ...]
    webhooks: tuple[SentWebhook, ...]
    build_url: str | None
    page_url: str | None
    kept_by: tuple[str, str | None] | None
    command: str | None
    kind: str | None = None
    notes: tuple[str, ...] = ()

    def step(self, aim: DeploymentAim, moment: Moment) -> str:
        """Return what is wrong, what would help, which webhooks were sent, and the command to run."""
        return "\n".join(self._lines(aim, moment))

    def _lines(self, aim: DeploymentAim, moment: Moment) -> Iterator[str]:
        who, when = " ".join([self.provider, " or ".join(self.versions)]).rstrip(), moment(self.since)
        if self.kind not in {None, "replayed"}:
            yield from self._about_a_contract(who, when)
        elif self.missing:
            yield f"{who} has to verify the pact of {self.consumer}, published {when}."
            yield from (f"  {note}" for note in self.notes)
            if not self.versions and aim.environment:
                yield f"No version of {self.provider} is in {aim.environment}: deploy one that verified it"
                yield "and record that with tally record-deployment."
        else:
            yield f"{who} does not keep the pact of {self.consumer} (first failed {when}):"
            yield from (f"  {found}" for found in _first(self.interactions, MOST_INTERACTIONS))
            yield from [f"  Page: {self.page_url}"] if self.page_url else []
            yield from [f"  Build: {self.build_url}"] if self.build_url else []
        if self.kept_by is not None:
            version, branch = self.kept_by
            on = f" on branch {branch}" if branch else ""
            yield f"{self.provider} {version}{on} keeps it{aim.advice(self.provider, version)}"
        for webhook in self.newest_webhooks():
            yield f"{webhook.outcome(self.provider)}, triggered {moment(webhook.triggered_at)}"
        if self.command:
            yield f"Where {self.provider} runs:"
            yield f"  {self.command}"

    def _about_a_contract(self, who: str, when: str) -> Iterator[str]:
        if self.kind == "dependency":
            yield f"{self.consumer} needs something of {self.provider}: {who} {' and '.join(self.notes)}."
            return
        if self.kind == "service-contract":
            yield f"{who} does not keep its own service contract (first failed {when}):"
        elif self.notes:
            yield f"{who} does not keep the service contract that the pact of {self.consumer} fits:"
        else:
            yield f"The pact of {self.consumer} does not fit the service contract of {who} (compared {when}):"
        yield from (f"  {found}" for found in _first(self.interactions, MOST_INTERACTIONS))
        yield from [f"  Page: {self.page_url}"] if self.page_url else []

    def newest_webhooks(self) -> Iterable[SentWebhook]:
        """Return the newest of equal ones, without those that asked versions that the question is not about.

        When a pact is published again, its webhooks are sent again.
        """
        found: dict[tuple[str, str | None, str | None], SentWebhook] = {}
        for sent in self.webhooks:  # the newest first
            if sent.provider_version is None or sent.provider_version in self.versions:
                found.setdefault((sent.title, sent.event, sent.provider_version), sent)
        return found.values()


def obstacle(item: dict[str, Any]) -> DecisionObstacle:
    """Read an entry of `tally:explanation`."""
    consumer, provider, links = item["consumer"], item["provider"], item.get("_links") or {}
    page = links.get("tally:page") or links.get("pb:verification-result") or {}
    kept_by = item.get("keptBy")
    return DecisionObstacle(
        f"{consumer['name']} {consumer['version']}",
        provider["name"],
        tuple(provider.get("versions") or ()),
        item["problem"] == "missing",
        item["since"],
        tuple(_interaction(found) for found in item.get("interactions") or ()),
        tuple(_webhook(sent) for sent in item.get("webhooks") or ()),
        item.get("buildUrl"),
        page.get("href"),
        (kept_by["version"], kept_by.get("branch")) if kept_by else None,
        item["command"],
        item.get("tally:kind"),
        tuple(_notes(item.get("tally:evidence") or {})),
    )


def _notes(evidence: dict[str, Any]) -> Iterator[str]:
    yield from evidence.get("problems") or ()
    yield from [evidence["note"]] if evidence.get("note") else []
    for found in evidence.get("undecided") or ():
        yield f"Its service contract of {found['version']} does not help: {found['note']}"


def _webhook(sent: dict[str, Any]) -> SentWebhook:
    return SentWebhook(
        sent["name"],
        sent.get("event"),
        sent.get("providerVersion"),
        sent["status"],
        sent.get("answer"),
        sent["triggeredAt"],
    )


def _interaction(found: dict[str, Any]) -> str:
    problems = "; ".join(_first(tuple(found.get("problems") or ()), MOST_PROBLEMS))
    return ": ".join([found["description"], problems]).removesuffix(": ")


def _first(texts: tuple[str, ...], most: int) -> tuple[str, ...]:
    """Return the first texts, then how many were left out; the result itself has all of them."""
    left_out = len(texts) - most
    return (*texts[:most], f"and {left_out} more") if left_out > 0 else texts
