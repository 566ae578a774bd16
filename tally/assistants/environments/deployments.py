"""Recording what was deployed or released. Not what is gone: can-i-deploy would stop looking at it."""

from typing import Annotated, Any, Literal

from tally.assistants import names
from tally.assistants.answers import Answer, quoted
from tally.assistants.publishing.plans import Confirmed, Plan, check_not_blank
from tally.assistants.sources.sources import Sources
from tally.broker_client import BrokerClient
from tally.commands.decisions.decision_requests import ALL_ROWS, Patience, ask
from tally.commands.decisions.decisions import decision
from tally.commands.decisions.questions import DecisionQuestion, DecisionTarget
from tally.commands.decisions.selectors import VersionSelector
from tally.commands.environments.deployments import currently
from tally.values import dataclass

_ONCE = Patience(0, 0)
_RELATIONS = {
    "deployed": ("pb:record-deployment", "deployed-deployed"),
    "released": ("pb:record-release", "supported-released"),
}
"""The links of a version to record it, and of an environment to what is there."""
_APPLICATION = "Name of the application, as the broker knows it."


@dataclass(frozen=True)
class _Recording:
    """A version in an environment, and the *address* where it is recorded. *now* is what is there."""

    pacticipant: str
    version: str
    environment: str
    address: str
    now: list[dict[str, Any]]
    is_production: bool

    @property
    def named(self) -> str:
        """The version, as in a sentence."""
        return f"{quoted(self.pacticipant)} {quoted(self.version)}"

    def numbers(self, instance: str | None = None) -> list[str]:
        """Return the versions that are there, of this application instance."""
        of_instance = [
            item for item in self.now if (item.get("applicationInstance") or item.get("target")) == instance
        ]
        return [str(item["_embedded"]["version"]["number"]) for item in of_instance]


def record_deployment(  # noqa: PLR0913 - one for each option of the command
    sources: Sources,
    *,
    pacticipant: Annotated[str, _APPLICATION],
    version: Annotated[str, "The version that was deployed; the broker knows it."],
    environment: Annotated[str, "Where it was deployed, such as test."],
    application_instance: Annotated[str | None, "Which one, if several of it run there."] = None,
    confirm: Confirmed = None,
) -> Answer:
    """Record that a version was deployed to an environment and replaced the one before. It deploys nothing.

    Without confirm it answers what would be recorded, which version it replaces, whether the environment is a
    production environment, and what can_i_deploy says. Everybody's can_i_deploy relies on these records:
    record only what has happened.
    """
    check_not_blank(pacticipant=pacticipant, version=version, application_instance=application_instance)
    broker = sources.broker
    recording = _recording(broker, pacticipant, version, environment, "deployed")
    there = recording.numbers(application_instance)
    where = f"{quoted(environment)}" + (f" ({quoted(application_instance)})" if application_instance else "")
    steps = [f"record that {recording.named} is deployed to {where}"] if there != [version] else []
    steps += [
        f"end the deployment of {quoted(pacticipant)} {quoted(number)} there, which it replaces"
        for number in there
        if number != version
    ]
    plan = Plan(f"record the deployment of {recording.named} to {where}", steps, _warnings(broker, recording))
    if not plan.is_confirmed(confirm):
        return plan.proposal("record_deployment")
    broker.post(
        recording.address, {"applicationInstance": application_instance} if application_instance else {}
    )
    return _done(f"Done: {recording.named} is recorded as deployed to {where}.", plan)


def record_release(
    sources: Sources,
    *,
    pacticipant: Annotated[str, _APPLICATION],
    version: Annotated[str, "The version that was released; the broker knows it."],
    environment: Annotated[str, "Where its users are, such as production."],
    confirm: Confirmed = None,
) -> Answer:
    """Record that a version was released for users to install, beside earlier ones. It releases nothing.

    For software that users keep, such as mobile applications. Without confirm it answers what would be
    recorded, whether the environment is a production environment, and what can_i_deploy says.
    """
    check_not_blank(pacticipant=pacticipant, version=version)
    broker = sources.broker
    recording = _recording(broker, pacticipant, version, environment, "released")
    where, there = quoted(environment), recording.numbers()
    steps = [f"record that {recording.named} is released to {where}, beside {len(there)} supported versions"]
    plan = Plan(
        f"record the release of {recording.named} to {where}",
        [] if version in there else steps,
        _warnings(broker, recording),
    )
    if not plan.is_confirmed(confirm):
        return plan.proposal("record_release")
    broker.post(recording.address, {})
    return _done(f"Done: {recording.named} is recorded as released to {where}.", plan)


def _recording(
    broker: BrokerClient,
    pacticipant: str,
    version: str,
    environment: str,
    how: Literal["deployed", "released"],
) -> _Recording:
    """Raises ToolError, which names the parameter and what is near, for what the broker does not know."""
    found = names.version(broker, pacticipant, version, "version")
    where = names.environment(broker, environment)
    relation, what = _RELATIONS[how]
    now = currently(broker, environment, what, pacticipant=pacticipant).embedded(f"{how}Versions")
    address = found.link(relation, name=environment).expand()
    return _Recording(
        pacticipant, version, environment, address, now, is_production=bool(where.state.get("production"))
    )


def _warnings(broker: BrokerClient, recording: _Recording) -> list[str]:
    """Return why it may be a mistake: the environment of real users, and what can-i-deploy says."""
    where = quoted(recording.environment)
    warnings = [f"{where} is a production environment."] if recording.is_production else []
    asked = VersionSelector(recording.pacticipant, version=recording.version)
    question = DecisionQuestion((asked,), DecisionTarget(recording.environment))
    verdict = decision(ask(broker, [*question.parameters(), ALL_ROWS], _ONCE))
    if not verdict.deployable:
        said = verdict.verdict(recording.named, f"be deployed to {where}")
        warnings.append(f"can_i_deploy says: {said}")
    return warnings


def _done(summary: str, plan: Plan) -> Answer:
    return Answer(summary, {"warnings": list(plan.warnings)} if plan.warnings else None)
