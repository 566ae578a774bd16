"""Whether a place of a service may be removed: yes only where it is known that nobody uses it."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from tally.assistants.answers import listed, quoted
from tally.assistants.judging.process import UndecidedError
from tally.assistants.service_contracts.broker_contracts import CURRENT
from tally.assistants.sources.sources import Sources
from tally.assistants.usage.usage_answers import Question, Usage, User, ask
from tally.broker_client import BrokerClient
from tally.commands.environments.deployments import currently
from tally.values import dataclass

_PUBLISH = "Publish its pacts to the broker, or find out elsewhere who calls it, and ask again."


@dataclass(frozen=True)
class Removal:
    """*may_remove* is None where it is not known. *elsewhere* are users that are not in the environment."""

    may_remove: bool | None
    summary: str
    place: str
    users: Sequence[User] = ()
    elsewhere: Sequence[User] = ()
    consumers: Sequence[str] = ()
    not_compared: Sequence[dict[str, str]] = ()
    next: Sequence[str] = ()
    links: Mapping[str, str] = field(default_factory=dict)


def removal(sources: Sources, question: Question) -> Removal:
    """Return whether the place may go. Raises ToolError or UsageError for what is not known."""
    what = f"{quoted(question.place)} of {quoted(question.service)}"
    try:
        found = ask(sources, question)
        everywhere = ask(sources, replace(question, environment=None)) if question.environment else found
    except UndecidedError as error:
        return Removal(
            None,
            f"Unknown: who uses {what} was not found out, because {error.reason}.",
            question.place,
            next=["Ask about a smaller contract, or with fewer pacts. Do not remove it on this answer."],
        )
    if found.certain:
        return _no(question, found)
    reason, steps = _doubt(sources, question, found, everywhere)
    if reason:
        unknown = _of(found, f"Unknown: {reason}. That is not a yes.", steps)
        return replace(unknown, elsewhere=_elsewhere(found, everywhere))
    return _yes(question, found, everywhere)


def _no(question: Question, found: Usage) -> Removal:
    names = _consumers(found.certain)
    environments = sorted(
        {
            name
            for user in found.users
            for version in user["versions"]
            for name in version.get("environments", ())
        }
    )
    use = "uses" if len(names) == 1 else "use"
    deploy = f", and deploy them to {listed(environments)}" if environments else ""
    no = _of(
        found,
        f"No: {listed(names)} {use} {quoted(found.place)} of {quoted(question.service)}{_where(question)}.",
        [
            "Keep it for now, and mark it as deprecated in the service contract.",
            f"Have {listed(names)} do without it in the interactions under `users`, publish pacts{deploy}.",
            "Ask again then; with several environments, once for each.",
        ],
    )
    return replace(no, may_remove=False)


def _yes(question: Question, found: Usage, everywhere: Usage) -> Removal:
    elsewhere = _elsewhere(found, everywhere)
    names = listed(_consumers(elsewhere))
    also = f" Elsewhere {names} use or may use it: such versions do not fit afterwards." if elsewhere else ""
    yes = _of(
        found,
        f"Yes: nobody uses {quoted(found.place)} of {quoted(question.service)}{_where(question)} "
        f"(looked at: {listed(found.consumers) or 'nobody'}), by {found.contract}.{also}",
        [
            "Remove it from the service contract and from the code, and ask check_compatibility.",
            "Publish the new version with its contract, and ask can_i_deploy before it is deployed.",
        ],
    )
    return replace(yes, may_remove=True, elsewhere=elsewhere)


def _doubt(
    sources: Sources, question: Question, found: Usage, everywhere: Usage
) -> tuple[str, Sequence[str]]:
    """Return why it is not known whether anybody uses the place, and what to do; "" where it is known."""
    what = f"{quoted(found.place)} of {quoted(question.service)}"
    if found.users:
        return f"{listed(_consumers(found.users))} may use {what}{_where(question)}", [
            "Read the `doubt` of each interaction under `users`, and look into the code of these consumers.",
            "Make their pacts say it: an example that fits one operation, or a content that is JSON.",
        ]
    if not found.contract:
        asked = f" (pacts have {listed(found.near)})" if found.near else ""
        return f"no pact names {what}{asked}, but no service contract says what it is", [
            f"Publish the service contract of {quoted(question.service)}, or name its file with --contract."
        ]
    if found.not_compared:
        return f"some pacts could not be looked at for {what}", ["See `not_compared`: what, and why."]
    if not found.knows_all:
        return f"no pact in the files uses {what}, and files do not say whether there are other consumers", [
            "Name the broker with --broker-base-url: it knows all consumers that publish pacts."
        ]
    if not everywhere.consumers:
        return f"no consumer of {quoted(question.service)} is known, so nobody knows who there is", [_PUBLISH]
    return _untracked(sources.broker, question, found, everywhere)


def _untracked(
    broker: BrokerClient, question: Question, found: Usage, everywhere: Usage
) -> tuple[str, Sequence[str]]:
    """Return whose deployments are not recorded, so that nobody knows what is in the environment."""
    if question.environment is None:
        return "", ()
    record = ["Record deployments with `tally record-deployment`, or ask without the environment."]
    nowhere = [
        user
        for user in _elsewhere(found, everywhere)
        if not any(version["environments"] for version in user["versions"])
        and user["consumer"] not in found.consumers
    ]
    if nowhere:
        names = listed(_consumers(nowhere))
        return f"{names} use or may use it, and no deployment of these is recorded anywhere", record
    if not found.consumers and not _has_anything(broker, question.environment):
        return f"nothing is recorded as deployed or released to {quoted(question.environment)}", record
    return "", ()


def _has_anything(broker: BrokerClient, environment: str) -> bool:
    return any(currently(broker, environment, what).embedded(embedded) for what, embedded in CURRENT)


def _elsewhere(found: Usage, everywhere: Usage) -> list[User]:
    return [] if everywhere is found else list(everywhere.users)


def _consumers(users: Sequence[User]) -> list[str]:
    return sorted({user["consumer"] for user in users})


def _of(found: Usage, summary: str, steps: Sequence[str]) -> Removal:
    return Removal(
        None,
        summary,
        found.place,
        found.users,
        consumers=found.consumers,
        not_compared=found.not_compared,
        next=steps,
        links=found.links,
    )


def _where(question: Question) -> str:
    return f" in {quoted(question.environment)}" if question.environment else ""
